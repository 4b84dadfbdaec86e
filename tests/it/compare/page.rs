//! The page of `compare --html` in a real browser (Chromium; tests/all.sh
//! installs it): charts of the right proportions, nothing cut off, no error, no
//! request.

use super::{compare, desk, json};
use crate::support::cmd::{Desk, Ran, practice_site};
use serde_json::Value;

/// Runs in the browser and leaves what it saw where the test finds it.
const LOOK: &str = "<script>
const bars = [...document.querySelectorAll('svg.bars')].map(svg => ({
  figure: svg.dataset.figure,
  whole: svg.getBoundingClientRect().width,
  bars: [...svg.querySelectorAll('.bar')].map(bar => ({
    mode: bar.dataset.mode, value: +bar.dataset.value, width: bar.getBoundingClientRect().width,
  })),
}));
const points = [...document.querySelectorAll('svg.lines circle')].map(point => {
  const box = point.getBoundingClientRect();
  return { mode: point.dataset.mode, value: +point.dataset.value, x: box.x, y: box.y };
});
const loaded = performance.getEntriesByType('resource').length;
const wide = document.documentElement.scrollWidth > window.innerWidth;
const ink = getComputedStyle(document.body).color, paper = getComputedStyle(document.body).backgroundColor;
const seen = document.createElement('pre');
seen.id = 'seen';
seen.textContent = JSON.stringify({ bars, points, loaded, wide, ink, paper }).replaceAll('<', '\\\\u003c');
document.body.append(seen);
</script></body>";

/// Opens a page without a network.
fn browse(desk: &Desk, file: &str, flags: &str) -> Ran {
    let script = format!(
        "HOME=$PWD exec chromium --headless --no-sandbox --disable-gpu --user-data-dir=profile \
         --host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr --v=0 {flags} --dump-dom \"file://$PWD/{file}\""
    );
    desk.script(&script, &[]).run().exits(0)
}

/// What the browser sees of a page. The script needs leave to run: in a copy.
fn seen(desk: &Desk, page: &str, flags: &str) -> Value {
    let policy =
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">";
    assert!(page.contains(policy), "the page may load and run nothing");
    std::fs::write(desk.path().join("copy.html"), page.replace(policy, "").replace("</body>", LOOK))
        .expect("the desk is ours");
    let ran = browse(desk, "copy.html", flags);
    let told = ran.stdout.split_once("<pre id=\"seen\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    serde_json::from_str(told.unwrap_or_else(|| panic!("{ran:?}")).0).expect("JSON")
}

fn assert_no_complaint(ran: &Ran) {
    assert!(!ran.stderr.contains("CONSOLE"), "{}", ran.stderr);
}

#[test]
fn the_page_is_right_in_a_browser() {
    let site = practice_site();
    let desk = desk(&site);
    let modes = ["async", "tasks", "threads"];
    let list = modes.join(",");
    let arguments =
        ["urls.txt", "--modes", &list, "--rounds", "1", "--retries", "0", "--json", "out.json", "--html", "page.html"];
    compare(&desk, &site, &arguments).run().exits(0);
    let (page, json) = (desk.read("page.html"), json(&desk, "out.json"));
    for outside in ["http://", "https://", "src=", "href=", "url(", "@import", "<script"] {
        assert!(!page.contains(outside), "the page is self-contained: {outside}");
    }

    let ran = browse(&desk, "page.html", "");
    assert_no_complaint(&ran);
    assert_eq!(ran.stdout.matches("<rect class=\"bar\"").count(), 3 * modes.len());
    assert_eq!(ran.stdout.matches("<tr>").count(), 1 + modes.len());

    let wide = seen(&desk, &page, "--window-size=1000,1200");
    let narrow = seen(&desk, &page, "--window-size=500,1200");
    for view in [&wide, &narrow] {
        assert_eq!((view["loaded"].as_u64(), view["wide"].as_bool()), (Some(0), Some(false)), "{view}");
        let charts = view["bars"].as_array().expect("charts");
        assert_eq!(charts.len(), 3, "{view}");
        for chart in charts {
            let figure = chart["figure"].as_str().expect("a figure");
            let bars = chart["bars"].as_array().expect("bars");
            let most = bars.iter().filter_map(|bar| bar["value"].as_f64()).fold(0.0, f64::max);
            for (bar, run) in bars.iter().zip(json["runs"].as_array().expect("runs")) {
                assert_eq!(
                    (&bar["mode"], bar["value"].as_f64()),
                    (&run["mode"], run["median"][figure].as_f64()),
                    "{chart}"
                );
                let share = bar["width"].as_f64().expect("a width") / chart["whole"].as_f64().expect("a width");
                let right = bar["value"].as_f64().expect("a value") / most;
                assert!((share - right).abs() < 0.01, "{figure}: {share} is not {right}: {bar}");
            }
        }
    }
    assert!(narrow["bars"][0]["whole"].as_f64() < wide["bars"][0]["whole"].as_f64());

    let dark = seen(&desk, &page, "--blink-settings=preferredColorScheme=0");
    assert_eq!((&dark["ink"], &wide["ink"]), (&"rgb(230, 232, 235)".into(), &"rgb(28, 30, 33)".into()));
    assert_ne!(dark["paper"], wide["paper"]);
}

#[test]
fn the_lines_of_a_sweep_are_right_in_a_browser() {
    let site = practice_site();
    let desk = desk(&site);
    let arguments = ["urls.txt", "--sweep", "--modes", "async,threads", "--retries", "0", "--html", "page.html"];
    compare(&desk, &site, &arguments).run().exits(0);
    let page = desk.read("page.html");
    assert_no_complaint(&browse(&desk, "page.html", ""));
    let view = seen(&desk, &page, "--window-size=700,1000");
    assert_eq!((view["loaded"].as_u64(), view["wide"].as_bool()), (Some(0), Some(false)), "{view}");
    let points = view["points"].as_array().expect("points");
    assert_eq!(points.len(), 12, "{view}");
    for mode in points.chunks(6) {
        assert!(mode.windows(2).all(|pair| pair[0]["x"].as_f64() < pair[1]["x"].as_f64()), "{view}");
    }
    for one in points {
        for other in points {
            let (faster, higher) =
                (one["value"].as_f64() > other["value"].as_f64(), one["y"].as_f64() < other["y"].as_f64());
            // Rates that are nearly the same may share a tenth of a pixel.
            let same = (one["y"].as_f64().expect("a place") - other["y"].as_f64().expect("a place")).abs() < 0.2;
            assert!(same || faster == higher, "{one} {other}");
        }
    }
}

#[test]
fn no_text_of_a_stranger_is_obeyed_on_the_page() {
    let site = practice_site();
    let name = "<script>console.error('obeyed')</script><img src=x>&\".txt";
    // A name with a slash would be a folder, and so it is given as a URL below.
    let name = name.replace('/', "%2f");
    let list = site.url("flaky/3/404?q=<b>'\"&");
    let desk = desk(&site).file(&name, list);
    let arguments = [&name, "--modes", "async,threads", "--rounds", "1", "--html", "page.html"];
    compare(&desk, &site, &arguments).run().exits(1);
    let ran = browse(&desk, "page.html", "");
    assert_no_complaint(&ran);
    assert!(!ran.stdout.contains("<img") && !ran.stdout.contains("<script") && !ran.stdout.contains("<b>"), "{ran:?}");
    assert!(ran.stdout.contains("&lt;img src=x&gt;&amp;\".txt"), "{}", ran.stdout);
}
