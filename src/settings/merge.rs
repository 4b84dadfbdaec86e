//! One set of options over another, field by field.

use crate::cli::Options;

/// What `above` leaves open is as `below` has it. A list is taken whole from
/// one of them, never joined. The compiler sees to it that no field is forgotten.
pub(super) fn over(above: Options, below: Options) -> Options {
    Options {
        output: above.output.or(below.output),
        format: above.format.or(below.format),
        show: above.show.or(below.show),
        url_column: above.url_column.or(below.url_column),
        concurrency: above.concurrency.or(below.concurrency),
        rate: above.rate.or(below.rate),
        timeout: above.timeout.or(below.timeout),
        retries: above.retries.or(below.retries),
        accept: above.accept.or(below.accept),
        fail_on: above.fail_on.or(below.fail_on),
        input_format: above.input_format.or(below.input_format),
        default_scheme: above.default_scheme.or(below.default_scheme),
        summary: above.summary.or(below.summary),
        progress: above.progress.or(below.progress),
        color: above.color.or(below.color),
        quiet: above.quiet.or(below.quiet),
        per_host: above.per_host.or(below.per_host),
        host_rate: above.host_rate.or(below.host_rate),
        look_ahead: above.look_ahead.or(below.look_ahead),
        loops: above.loops.or(below.loops),
        deadline: above.deadline.or(below.deadline),
        grace: above.grace.or(below.grace),
        max_retry_after: above.max_retry_after.or(below.max_retry_after),
        no_breaker: above.no_breaker.or(below.no_breaker),
        connect_timeout: above.connect_timeout.or(below.connect_timeout),
        max_redirects: above.max_redirects.or(below.max_redirects),
        method: above.method.or(below.method),
        header: above.header.or(below.header),
        user_agent: above.user_agent.or(below.user_agent),
        expiry_warning: above.expiry_warning.or(below.expiry_warning),
        resolver: above.resolver.or(below.resolver),
        hosts: above.hosts.or(below.hosts),
        ipv4: above.ipv4.or(below.ipv4),
        ipv6: above.ipv6.or(below.ipv6),
        cacert: above.cacert.or(below.cacert),
        insecure: above.insecure.or(below.insecure),
        deny_private: above.deny_private.or(below.deny_private),
        config: above.config.or(below.config),
        verbose: above.verbose.max(below.verbose),
    }
}
