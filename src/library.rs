//! urlcheck as a library: one URL, or a stream of outcomes.

use crate::{
    check::{Outcome, Scheme, Target},
    engine::{self, Rest, Running, StartError},
    plan::Plan,
};
use futures::Stream;
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};

/// Checks one URL with the default [`Plan`], redirects and retries included.
///
/// ```
/// # use urlcheck::{Verdict, site::{Site, SiteOptions}};
/// # futures::executor::block_on(async {
/// # let site = Site::start(SiteOptions::default())?;
/// # let url = site.url("/status/404");
/// let outcome = urlcheck::check(&url).await?;
/// assert_eq!((outcome.verdict, outcome.status_code()), (Verdict::Down, Some(404)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).expect("a practice site starts, and a run on it");
/// ```
///
/// # Errors
/// The run could not begin. Whatever is wrong with the URL or its site is an outcome.
pub async fn check(url: &str) -> Result<Outcome, StartError> {
    let plan = Plan { loops: Some(1), ..Plan::default() };
    let mut outcomes = outcomes([Target::parse(1, url, Scheme::default())], &plan)?;
    let outcome = std::future::poll_fn(|cx| Pin::new(&mut outcomes).poll_next(cx)).await;
    Ok(outcome.expect("every target has its outcome"))
}

/// Checks targets as a plan says: a stream of one outcome for each, in the
/// order in which they end.
///
/// The run has threads of its own, so that any executor can wait for it. It
/// reads targets only as far as the plan looks ahead, and sends no more when
/// outcomes are not taken. Dropping the stream stops it.
///
/// ```
/// # use urlcheck::{Scheme, site::{Site, SiteOptions}};
/// use futures::StreamExt;
/// use urlcheck::{Plan, Target, Verdict};
///
/// # futures::executor::block_on(async {
/// # let site = Site::start(SiteOptions::default())?;
/// # let urls = (0..100).map(|n| site.url(&format!("/page-{n}"))).collect::<Vec<_>>();
/// let targets = (1..).zip(urls).map(|(index, url)| Target::parse(index, url, Scheme::Https));
/// let mut outcomes = urlcheck::outcomes(targets, &Plan::default())?;
/// let mut up = 0;
/// while let Some(outcome) = outcomes.next().await {
///     up += usize::from(outcome.verdict == Verdict::Up);
/// }
/// assert_eq!(up, 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).expect("a practice site starts, and a run on it");
/// ```
///
/// # Errors
/// The run could not begin: a file that the plan names is not as it should be,
/// or the system gives no threads.
pub fn outcomes<T>(targets: T, plan: &Plan) -> Result<Outcomes, StartError>
where
    T: IntoIterator<Item = Target>,
    T::IntoIter: Send + 'static,
{
    Ok(Outcomes { running: engine::start(plan, targets.into_iter(), Rest::Read)?, ready: Vec::new().into_iter() })
}

/// The outcomes of a run under way; see [`outcomes()`].
pub struct Outcomes {
    running: Running,
    ready: vec::IntoIter<Outcome>,
}

impl Stream for Outcomes {
    type Item = Outcome;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Outcome>> {
        loop {
            if let Some(outcome) = self.ready.next() {
                return Poll::Ready(Some(outcome));
            }
            match ready!(self.running.poll_outcomes(cx)) {
                Some(outcomes) => self.ready = outcomes.into_iter(),
                None => return Poll::Ready(None),
            }
        }
    }
}
