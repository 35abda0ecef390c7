"""What every ledger must do, as a suite that ships: inherit it in a test and say how to make an empty ledger."""

from __future__ import annotations

import threading
from typing import Any

from memorylab.errors import LedgerError, LedgerMoved
from memorylab.ledger import chain, gate
from memorylab.ledger.base import Ledger


class LedgerConformance:
    """Checks of the `Ledger` protocol; a test runner collects the `test_` methods of a subclass.

    `make` must return a ledger that is empty at the first call of a test and the same store at every further call in
    that test, as another process would open it.
    """

    def make(self) -> Ledger:
        """A new handle on this test's store."""
        raise LookupError("override make() with the ledger under test")

    def rows(self, ledger: Ledger, after: int = 0) -> list[dict[str, Any] | None]:
        """The rows behind a position, as they were appended."""
        found = [entry.row for entry in ledger.read(after)]
        return [row and {name: row[name] for name in row if name != chain.FIELD} for row in found]

    def test_an_empty_ledger_reads_as_nothing(self) -> None:
        """A store that was never written is no error."""
        assert self.rows(self.make()) == []

    def test_rows_come_back_as_they_went_in_and_in_order(self) -> None:
        """Also texts with newlines, quotes and other alphabets, nested values and numbers."""
        rows: list[dict[str, Any]] = [
            {"n": -(2**53), "text": 'a\nb"c\\ → é 漢'},
            {"n": 2.5e-7, "deep": {"list": [None, True, {}]}},
        ]
        self.make().append(rows)
        assert self.rows(self.make()) == rows

    def test_a_position_is_a_bookmark(self) -> None:
        """`append` returns the end; reading behind any entry's position yields exactly the later ones."""
        ledger = self.make()
        first = ledger.append([{"n": 1}, {"n": 2}])
        end = ledger.append([{"n": 3}])
        entries = list(ledger.read())
        assert entries[-1].position == end > first > 0
        assert self.rows(ledger, first) == [{"n": 3}]
        assert self.rows(ledger, end) == []
        for before, entry in zip([None, *entries], entries, strict=False):
            assert entry.after == (before.position if before else entry.after)
            assert next(iter(ledger.read(entry.after))).row == entry.row

    def test_a_digest_tells_a_row_from_others_and_stays(self) -> None:
        """An index recognises its ledger by them."""
        ledger = self.make()
        ledger.append([{"n": 1}, {"n": 1}, {"n": 2}])
        digests = [entry.digest for entry in ledger.read()]
        assert len(set(digests)) == 3  # an equal row in another place is another one
        assert [entry.digest for entry in self.make().read()] == digests

    def test_each_row_is_sealed_behind_the_one_before_it(self) -> None:
        """Whether they are appended at once or apart, by one handle or several."""
        self.make().append([{"n": 1}, {"n": 2}])
        self.make().append([{}])
        self.make().append([{"n": 2}])
        before = b""
        for entry in self.make().read():
            link = chain.read(entry.text)
            assert link is not None and link.whole
            assert link.before == chain.name_of(before)
            before = entry.text
        assert before

    def test_a_row_that_was_read_is_sealed_anew_where_it_is_appended(self) -> None:
        """Nothing of its old place travels with it."""
        ledger = self.make()
        ledger.append([{"n": 1}, {"n": 2}])
        copied = next(iter(ledger.read())).row
        assert copied is not None and copied[chain.FIELD]
        ledger.append([copied])
        broken = chain.Chain()
        for number, entry in enumerate(ledger.read(), 1):
            broken.add(number, entry.row, entry.text)
        assert (number, broken.broken, broken.foreign) == (3, [], [])

    def test_a_row_that_could_not_be_read_again_is_refused(self) -> None:
        """A longer one than any reader takes."""
        ledger = self.make()
        try:
            ledger.append([{"text": "x" * gate.MAX_LINE}])
        except LedgerError:
            assert self.rows(ledger) == []
        else:
            raise AssertionError("a row was stored that is set aside when it is read")

    def test_an_expectation_that_holds_appends(self) -> None:
        """From the start and from any later end."""
        ledger = self.make()
        end = ledger.append([{"n": 1}], expect=0)
        ledger.append([{"n": 2}], expect=end)
        assert self.rows(ledger) == [{"n": 1}, {"n": 2}]

    def test_an_expectation_that_fails_appends_nothing(self) -> None:
        """The loser of a race learns it and its row isn't stored."""
        ledger, rival = self.make(), self.make()
        end = ledger.append([{"n": 1}])
        rival.append([{"n": 2}])
        try:
            ledger.append([{"n": 3}], expect=end)
        except LedgerMoved:
            assert self.rows(ledger) == [{"n": 1}, {"n": 2}]
        else:
            raise AssertionError("the ledger had moved, but the row was appended")

    def test_a_row_that_is_no_json_is_refused_and_nothing_stored(self) -> None:
        """Not even the good rows beside it."""
        ledger = self.make()
        for bad in (float("nan"), float("inf"), object()):
            try:
                ledger.append([{"n": 1}, {"n": bad}])
            except LedgerError:
                assert self.rows(ledger) == []
            else:
                raise AssertionError(f"{bad!r} was stored")

    def test_nothing_is_lost_among_many_writers(self) -> None:
        """Eight writers, half of them with expectations, each row there once."""

        def write(writer: int) -> None:
            ledger = self.make()
            for n in range(20):
                row = {"writer": writer, "n": n}
                if writer % 2:
                    ledger.append([row])
                else:
                    _append_expecting(ledger, row)

        writers = [threading.Thread(target=write, args=(w,)) for w in range(8)]
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()
        broken = chain.Chain()
        for number, entry in enumerate(self.make().read(), 1):
            broken.add(number, entry.row, entry.text)
        assert broken.broken == []
        found = [(row["writer"], row["n"]) for row in self.rows(self.make()) if row]
        assert sorted(found) == [(w, n) for w in range(8) for n in range(20)]
        assert all([n for w, n in found if w == writer] == list(range(20)) for writer in range(8))


def _append_expecting(ledger: Ledger, row: dict[str, Any]) -> None:
    end = 0
    while True:
        for entry in ledger.read(end):
            end = entry.position
        try:
            ledger.append([row], expect=end)
        except LedgerMoved:
            continue
        return
