"""Sums of all processes, as Prometheus has them: counters and histograms."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from messaging.counting import Counted, Counter, Histogram
from messaging.counting.buffer import PARTS_OF_SECOND, parts

_Parts = Mapping[str, int]


def families(counted: Iterable[Counted], sums: Mapping[str, int]) -> Iterator[Metric]:
    """Every counter and histogram there is, also where nothing was counted yet.

    Args:
        counted: what is counted.
        sums: field → sum, as messaging.counting.read has them. Those of a version that counted otherwise are left out.
    """
    found: dict[str, dict[tuple[str, ...], dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for field, amount in sums.items():
        name, part, labels = parts(field)
        found[name][labels][part] = amount
    for one in counted:
        values = {labels: amounts for labels, amounts in found[one.name].items() if len(labels) == len(one.labels)}
        if not one.labels:
            # Without labels there is a sum from the first moment on: what was never counted is 0, not unknown.
            values.setdefault((), {})
        yield _counter(one, values) if isinstance(one, Counter) else _histogram(one, values)


def _counter(counter: Counter, values: Mapping[tuple[str, ...], _Parts]) -> Metric:
    family = CounterMetricFamily(counter.name, counter.help, labels=counter.labels)
    for labels, amounts in sorted(values.items()):
        family.add_metric(labels, amounts.get("", 0))
    return family


def _histogram(histogram: Histogram, values: Mapping[tuple[str, ...], _Parts]) -> Metric:
    family = HistogramMetricFamily(histogram.name, histogram.help, labels=histogram.labels)
    for labels, amounts in sorted(values.items()):
        so_far, buckets = 0, []
        for number, bound in enumerate([*histogram.buckets, float("inf")]):
            so_far += amounts.get(f"le{number}", 0)
            buckets.append(("+Inf" if bound == float("inf") else str(float(bound)), float(so_far)))
        family.add_metric(labels, buckets, amounts.get("sum", 0) / PARTS_OF_SECOND)
    return family
