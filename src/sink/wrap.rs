//! Long lines of a list broken between its items, not wherever a terminal ends.

use unicode_width::UnicodeWidthStr;

/// What goes on begins with this.
const INDENT: &str = "  ";

/// The line as lines of at most `width` columns, as far as its items (which
/// end in `, ` or ` · `) allow. Colours take no room.
pub(super) fn wrapped(line: &str, width: usize) -> String {
    let mut text = String::with_capacity(line.len() + 16);
    let mut column = 0;
    let mut rest = line;
    while !rest.is_empty() {
        let (item, after) = rest.split_at(item_end(rest));
        let needed = columns(item.trim_end());
        if column > 0 && column + needed > width {
            text.truncate(text.trim_end().len());
            text.push('\n');
            text.push_str(INDENT);
            column = INDENT.len();
        }
        text.push_str(item);
        column += columns(item);
        rest = after;
    }
    text
}

fn item_end(text: &str) -> usize {
    let ends = [", ", " · "].into_iter().filter_map(|end| text.find(end).map(|at| at + end.len()));
    ends.min().unwrap_or(text.len())
}

/// Columns that a text takes; its colours (`ESC [ … m`) take none.
fn columns(text: &str) -> usize {
    let mut parts = text.split('\u{1b}');
    let plain = parts.next().map_or(0, UnicodeWidthStr::width);
    plain + parts.map(|part| part.split_once('m').map_or(0, |(_, after)| after.width())).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_break_between_items() {
        let line = "down: http_status 404 x31, 500 x4 · dns_nxdomain x9 · tls_name x1";
        assert_eq!(wrapped(line, 80), line);
        assert_eq!(wrapped(line, 35), "down: http_status 404 x31, 500 x4 ·\n  dns_nxdomain x9 · tls_name x1");
        assert_eq!(wrapped(line, 30), "down: http_status 404 x31,\n  500 x4 · dns_nxdomain x9 ·\n  tls_name x1");
        assert_eq!(wrapped("longer than the width, short", 5), "longer than the width,\n  short");
    }

    #[test]
    fn colours_take_no_room() {
        let line = "\u{1b}[32mup 1\u{1b}[0m · \u{1b}[31mdown 2\u{1b}[0m";
        assert_eq!(wrapped(line, 13), line);
        assert_eq!(wrapped(line, 12), line.replace("· ", "·\n  "));
    }

    proptest! {
        #[test]
        fn nothing_is_lost(items in prop::collection::vec("[a-z0-9 ]{0,12}", 1..20), width in 1..60_usize) {
            let line = items.join(" · ");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&wrapped(&line, width)), words(&line));
        }
    }
}
