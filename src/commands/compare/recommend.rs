//! Which mode to pick for a list, from what was measured. Pure: the same
//! figures give the same sentences.

use super::{
    contender::Contender,
    figure::{Figure, seconds},
    report::Report,
};
use crate::{commands::mode_facts, plan::Mode};
use serde::Serialize;

/// Walls this close to the shortest count as the same.
const AS_FAST: f64 = 1.10;

/// The share of all cores' time below which a run waits, and above which it computes.
const WAITS_BELOW: f64 = 0.4;
const COMPUTES_ABOVE: f64 = 0.75;

/// One request at a time that takes no longer than this is nobody's problem.
const SHORT_S: f64 = 2.0;

/// What is known of the list and of the runs.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) urls: u64,
    pub(super) hosts: Option<u64>,
    /// Requests at once in all, and to one host; 0: no limit.
    pub(super) concurrency: u32,
    pub(super) per_host: usize,
    pub(super) cores: usize,
    pub(super) modes: Vec<Measured>,
}

/// What a mode took for the whole list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    pub(super) mode: Mode,
    pub(super) wall_s: f64,
    /// It ran a part of the list, and the wall time is that part's, scaled.
    pub(super) is_scaled: bool,
    pub(super) cpu_us_per_url: Option<f64>,
}

/// The mode to pick, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Recommendation {
    pub(super) mode: Mode,
    pub(super) bound_by: Bound,
    pub(super) sentences: Vec<String>,
}

/// What a list keeps a machine busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bound {
    Waiting,
    Both,
    Cpu,
    /// The system does not tell the CPU time.
    Untold,
}

/// The recommendation for a report, if a mode of ours could run.
pub(super) fn of(report: &Report, per_host: usize) -> Option<Recommendation> {
    let modes = report.measured().filter_map(|entry| match entry.contender {
        Contender::Python(_) => None,
        Contender::Mode(mode) => Some(Measured {
            mode,
            wall_s: entry.wall_of(report.list.urls)?,
            is_scaled: entry.urls < report.list.urls,
            cpu_us_per_url: entry.median.get(Figure::CpuAUrl),
        }),
    });
    recommend(&Known {
        urls: report.list.urls,
        hosts: report.list.hosts,
        concurrency: report.concurrency,
        per_host,
        cores: report.machine.cores,
        modes: modes.collect(),
    })
}

/// Of the modes that are as fast as the fastest, the one that takes the least CPU.
pub(super) fn recommend(known: &Known) -> Option<Recommendation> {
    let fastest = known.modes.iter().min_by(|a, b| a.wall_s.total_cmp(&b.wall_s))?;
    let as_fast = known.modes.iter().filter(|one| one.wall_s <= fastest.wall_s * AS_FAST);
    let cpu = |one: &Measured| one.cpu_us_per_url.unwrap_or(f64::INFINITY);
    let pick = as_fast.clone().min_by(|a, b| cpu(a).total_cmp(&cpu(b)))?;
    let bound_by = bound(pick, known);
    let mut sentences = vec![why(pick, &as_fast.collect::<Vec<_>>(), known), waiting(pick, bound_by, known)];
    sentences.extend(few_hosts(known));
    sentences.extend(short(known, pick));
    sentences.extend(known.modes.iter().filter(|one| one.mode != pick.mode).map(|one| otherwise(one, pick)));
    sentences.push(
        "If one machine is not enough: no mode helps; give each machine a part of the list (split -n l/2 urls.txt)."
            .to_owned(),
    );
    Some(Recommendation { mode: pick.mode, bound_by, sentences })
}

fn why(pick: &Measured, as_fast: &[&Measured], known: &Known) -> String {
    let head = format!("Recommendation: {} (urlcheck -m {}).", pick.mode, pick.mode);
    let next = known.modes.iter().filter(|one| one.mode != pick.mode).min_by(|a, b| a.wall_s.total_cmp(&b.wall_s));
    match (as_fast.len(), next, pick.cpu_us_per_url) {
        (_, None, _) => format!("{head} It is the only mode that ran."),
        (1, Some(next), _) => format!(
            "{head} It is the fastest: {}; {} takes {} as long.",
            seconds(pick.wall_s),
            next.mode,
            times(next.wall_s, pick.wall_s)
        ),
        (_, _, Some(cpu)) => {
            let others = as_fast.iter().filter(|one| one.mode != pick.mode).map(|one| one.mode.as_str());
            let others = others.collect::<Vec<_>>().join(", ");
            format!(
                "{head} {others} and it are about equally fast ({}), and it takes the least CPU a URL: {}.",
                seconds(pick.wall_s),
                Figure::CpuAUrl.shown(cpu)
            )
        }
        (_, _, None) => format!("{head} It is among the fastest: {}.", seconds(pick.wall_s)),
    }
}

/// The share of all cores' time that a run used.
fn share(one: &Measured, known: &Known) -> Option<f64> {
    Some(one.cpu_us_per_url? * known.urls as f64 / 1e6 / (one.wall_s * known.cores as f64))
}

fn bound(pick: &Measured, known: &Known) -> Bound {
    match share(pick, known) {
        None => Bound::Untold,
        Some(share) if share < WAITS_BELOW => Bound::Waiting,
        Some(share) if share > COMPUTES_ABOVE => Bound::Cpu,
        Some(_) => Bound::Both,
    }
}

fn waiting(pick: &Measured, bound_by: Bound, known: &Known) -> String {
    let share = share(pick, known).map(|share| format!("{:.0} %", share * 100.0)).unwrap_or_default();
    let cores = crate::sink::counted(known.cores as u64, "core");
    let used = format!("{} used {share} of the time of {cores}", pick.mode);
    match bound_by {
        Bound::Waiting => format!("The list is bound by waiting: {used}; the rest it waited for the hosts."),
        Bound::Cpu => {
            format!("The list is bound by CPU: {used}. More requests at once gain nothing; less CPU a URL does.")
        }
        Bound::Both => {
            format!("The list waits and computes: {used}, beside what the hosts on this machine took, if any.")
        }
        Bound::Untold => "This system does not tell CPU time, so nobody knows what the list is bound by.".to_owned(),
    }
}

/// Hosts that set the pace, whatever the mode.
fn few_hosts(known: &Known) -> Option<String> {
    let hosts = known.hosts.filter(|_| known.per_host > 0)?;
    let most = hosts.saturating_mul(known.per_host as u64);
    (most < u64::from(known.concurrency) && known.urls > most).then(|| {
        format!(
            "Its {} get at most {} requests at once each (--per-host), {most} in all: they set the pace, whatever the mode.",
            crate::sink::counted(hosts, "host"),
            known.per_host
        )
    })
}

/// A list so short that it does not matter.
fn short(known: &Known, pick: &Measured) -> Option<String> {
    let one = known.modes.iter().find(|one| one.mode == Mode::Sequential && one.mode != pick.mode)?;
    (one.wall_s <= SHORT_S).then(|| {
        let about = if one.is_scaled { "about " } else { "" };
        format!(
            "One after the other takes {about}{}, too: for a list this short any of them will do.",
            seconds(one.wall_s)
        )
    })
}

/// When another mode is right all the same, and what it costs.
fn otherwise(one: &Measured, pick: &Measured) -> String {
    let cpu = one.cpu_us_per_url.zip(pick.cpu_us_per_url).filter(|(_, least)| *least > 0.0);
    let cpu = cpu.map(|(cpu, least)| format!(" and {} the CPU", times(cpu, least))).unwrap_or_default();
    let about = if one.is_scaled { "about " } else { "" };
    let wall = times(one.wall_s, pick.wall_s);
    format!("If {}: {}, for {about}{wall} the time{cpu} of {}.", mode_facts::of(one.mode).when, one.mode, pick.mode)
}

fn times(more: f64, less: f64) -> String {
    match more / less {
        ratio if ratio < 9.95 => format!("{ratio:.1} times"),
        ratio => format!("{} times", crate::sink::grouped(ratio.round() as u64)),
    }
}

#[cfg(test)]
mod tests;
