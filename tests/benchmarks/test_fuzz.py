"""The random updates are shared out so that each is given once, and all that was found is told."""

from collections import Counter

import pytest

from benchmarks.fuzz import Done, joined, parts
from tests.adapters.telegram.fuzz_report import Fault, Report, gathered


@pytest.mark.parametrize(("updates", "processes"), [(100, 1), (101, 2), (7, 3)])
def test_each_update_is_given_once(updates: int, processes: int) -> None:
    work = parts(updates, 1, "", processes)

    assert len(work) == processes
    assert [number for part in work for number in part.numbers] == list(range(updates))


def test_what_every_process_found_is_told() -> None:
    first, second = Report(), Report()
    first.updates, second.updates = Counter({"message": 2}), Counter({"message": 1, "poll": 1})
    first.silent, second.invalid = [Fault(3, "message", "silent")], [Fault(4, "poll", "calls sendMessage")]
    whole = joined([Done(first, 1.0, 0.0), Done(second, 1.0, 0.0)])

    assert whole.updates == {"message": 3, "poll": 1}
    assert whole.faults == [*first.silent, *second.invalid]


def test_faults_of_one_sort_stand_on_one_line_the_most_frequent_first() -> None:
    faults = [Fault(1, "poll", "calls sendMessage"), *(Fault(number, "message", "silent") for number in range(9))]

    assert gathered(faults) == ["9 of message: silent; updates 0, 1, 2, 3, 4", "1 of poll: calls sendMessage; updates 1"]
