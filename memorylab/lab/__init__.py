"""The laboratory: one method per use case. This is the API that the command line, and Python programs, call."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab.core.reading.ideas import Idea, JudgedBy, make_idea
from memorylab.errors import UsageError
from memorylab.lab.context import Context, located, warn_on_stderr
from memorylab.lab.judge import Question, clean_idea, home_arena, judge
from memorylab.lab.standing import current_arena, sigmas, standing
from memorylab.records import Direction, NoveltyGuard, Run, RunView

if TYPE_CHECKING:
    from memorylab.adapters.training_log import Progress
    from memorylab.core.guard.claims import Claim
    from memorylab.core.guard.priors import Pack, Prior
    from memorylab.core.report.morning import Morning
    from memorylab.lab.acceptance import Accepted
    from memorylab.lab.brief import Brief
    from memorylab.lab.campaigns import Campaign
    from memorylab.lab.checkout import CheckedOut, Whereabouts
    from memorylab.lab.checkup import Checkup
    from memorylab.lab.claims import Answer
    from memorylab.lab.consent import Ask
    from memorylab.lab.correcting import Corrected
    from memorylab.lab.exchange import Imported
    from memorylab.lab.finding import Finding
    from memorylab.lab.ideas import Proposed
    from memorylab.lab.pins import Renewed
    from memorylab.lab.record import Logged
    from memorylab.lab.reporting import Report
    from memorylab.lab.supervised import Outcome

__all__ = ["Idea", "Lab", "Question", "make_idea", "open_lab"]


def open_lab(
    root: str | Path | None = None,
    campaign: str | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
    warn: Callable[[str], None] = warn_on_stderr,
    progress: Callable[[int], None] | None = None,
) -> Lab:
    """Open the workspace at `root`, or the one around the current directory.

    Args:
        root: a workspace directory.
        campaign: the name of one of its campaigns; the one in use where none is named.
        environment: stands for the process's environment variables.
        clock: seconds since the epoch.
        warn: takes messages that a user should see.
        progress: told the number of rows read while a large ledger is indexed.

    Raises:
        InputError: there is no such directory, or no such campaign.
        ConfigError: `memorylab.toml` is unusable.

    """
    known = os.environ if environment is None else environment
    return Lab(Context(located(root, campaign, known), known, clock, warn, progress))


class Lab:
    """A workspace, ready for every use case. Modules that a use case alone needs are imported by it."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @property
    def metric(self) -> str:
        """The measurement that decides."""
        return self.context.config.metric

    def _look(self) -> None:
        """Get ready to read a memory, which must be there; `check` may ask where there is none yet."""
        self.context.demand_memory()
        self._ready()

    def _ready(self) -> None:
        self.context.catch_up()
        if self.context.derived_is_behind():
            from memorylab.lab import derived

            derived.refresh(self.context)

    def init(
        self,
        *,
        metric: str | None = None,
        direction: Direction | None = None,
        command: str | None = None,
        store: str | None = None,
        mutable: Sequence[str] = (),
        protected: Sequence[str] = (),
        campaign: str | None = None,
    ) -> list[Path]:
        """Create the store; returns what was created, nothing at a second call.

        `mutable` and `protected` are patterns of what experiments may change and of what judges them; what isn't
        given is told from command and repository. With `campaign`, one of this name is begun, set as the one at hand
        in all that isn't given, and the lab is about it from then on.
        """
        from memorylab.lab import setup

        wanted = setup.Wanted(metric, direction, command, store, tuple(mutable), tuple(protected))
        if campaign is None:
            return setup.init(self.context, wanted)
        from memorylab.lab import campaigns

        self.context, created = campaigns.begin(self.context, campaign, wanted)
        return created

    @property
    def campaign(self) -> str:
        """The name of the campaign that all answers are about."""
        from memorylab.adapters.campaigns import called

        return called(self.context.place.campaign)

    def campaigns(self) -> list[Campaign]:
        """All campaigns of the workspace in short, the first one first."""
        from memorylab.lab import campaigns

        return campaigns.listed(self.context.place, self.context.environment, self.context.warn)

    def use_campaign(self, name: str) -> None:
        """Let this lab, and commands that name no campaign, be about this one from now on.

        Raises:
            InputError: there is none of this name; nothing was changed.

        """
        from memorylab.lab import campaigns

        place = campaigns.use(self.context.place, name, self.context.environment)
        self.context = campaigns.beside(self.context, place.campaign)

    def pinned(self) -> Mapping[str, str]:
        """The agreed judge: file, or function of a file, and the checksum that it must have."""
        from memorylab.lab import pins

        return pins.agreed(self.context).files

    def idea(
        self, description: str, tags: Sequence[str] = (), family: str | None = None, hypothesis: str | None = None
    ) -> Idea:
        """An idea in an agent's words, read with all the names that this workspace's files and ledger have taught."""
        self.context.catch_up()
        return clean_idea(description, list(tags), family, hypothesis)

    def check(self, idea: Idea, question: Question | None = None, owner: str | None = None) -> NoveltyGuard:
        """What history, and the claims of others, say of a planned idea; `owner` is the name of who asks.

        Raises:
            UsageError: the description is empty.

        """
        return next(self.check_many([idea], question, owner))

    def check_many(
        self, ideas: Iterable[Idea], question: Question | None = None, owner: str | None = None
    ) -> Iterator[NoveltyGuard]:
        """The same for many ideas, in order."""
        self._ready()
        for idea in ideas:
            if not idea.description:
                raise UsageError("the description is empty", "say in a few words what the run will try")
            idea = _asked(idea)
            guard = judge(self.context, idea, question or Question())
            if self.context.views().claimed(self.context.clock()):
                from memorylab.lab import claims

                guard = claims.heed(self.context, idea, guard, owner)
            yield guard

    def claim_many(
        self,
        ideas: Iterable[Idea],
        question: Question | None = None,
        owner: str | None = None,
        lease_s: float | None = None,
    ) -> Iterator[Answer]:
        """Check ideas and reserve each that may be run; see `memorylab.lab.claims.take`. All are read before the first.

        Raises:
            UsageError: a description is empty; nothing was reserved.

        """
        from memorylab.lab import claims

        wanted = [_asked(idea) for idea in ideas]
        if not all(idea.description for idea in wanted):
            raise UsageError("the description is empty", "say in a few words what the run will try")
        self._ready()
        agent = claims.agent_of(self.context, owner)
        for idea in wanted:
            yield claims.take(self.context, idea, question or Question(), agent, lease_s)

    def claims(self) -> list[Claim]:
        """The claims that hold now, the oldest first."""
        from memorylab.lab import claims

        self._look()
        return claims.active(self.context)

    def release(self, claim_id: str, owner: str | None = None) -> Claim:
        """End a claim before its lease does; see `memorylab.lab.claims.release`."""
        from memorylab.lab import claims

        self.context.demand_memory()
        return claims.release(self.context, claim_id, owner, told=f"released {claim_id}")

    def with_diff(self, idea: Idea, source: str, patch: str | None = None) -> Idea:
        """An idea with the change that it makes to the code; without a description it is told by that change.

        Args:
            idea: what is planned, possibly without a description.
            source: a revision, a patch file, or "worktree"; see `memorylab.lab.changes.told`.
            patch: the patch itself.

        Raises:
            InputError: there is no such change.

        """
        from memorylab.lab import called, changes

        told = changes.told(self.context, source, patch)
        if not idea.description:
            words = told.subject or called.described(told.change)
            idea = clean_idea(words, list(idea.tags), idea.family if idea.family != "other" else "", idea.hypothesis)
        by = "worktree" if source in (changes.WORKTREE, ".") and patch is None else "diff"
        return changes.planned(idea, told)._replace(judged=JudgedBy(by))

    def with_worktree(self, idea: Idea) -> Idea:
        """An idea with what isn't committed of the files that experiments change; the same where nothing is.

        `idea.judged` says what `check` will judge. Without a description it is told by the change.
        """
        from memorylab.lab import asked

        return asked.with_worktree(self.context, idea)

    def with_set(self, idea: Idea, settings: Mapping[str, object] | Sequence[str], unset: Sequence[str] = ()) -> Idea:
        """An idea that sets knobs of the code, judged as if the files had been edited so; nothing is written.

        Args:
            idea: what is planned, possibly without a description: then it is told by the change.
            settings: values by name, such as {"MATRIX_LR": 0.05}, or texts such as "DEPTH*=2" (also /=, += and -=).
                A name is that of a constant, default, keyword argument, entry, field, option or setting in the files
                that experiments change, or the end of it where only one has that.
            unset: names of those that are taken away.

        Raises:
            UsageError: a setting is none, or doesn't fit what the knob is.
            InputError: the code has no such knob, or several of this name, or it can't be set so.

        """
        from memorylab.core.reading import setting
        from memorylab.lab import asked

        wanted = [*setting.stated(settings), *map(setting.removal, unset)]
        if len(wanted) > setting.MOST:
            raise UsageError(f"an idea sets at most {setting.MOST} knobs, not {len(wanted)}", "ask in parts")
        return asked.with_set(self.context, idea, wanted) if wanted else idea

    def log(self, finding: Finding) -> Logged:
        """Record a finished run; see `memorylab.lab.record.log`."""
        from memorylab.lab import record

        return record.log(self.context, finding)

    def accept(self, name: str, note: str = "", owner: str | None = None, ask: Ask | None = None) -> Accepted:
        """Rank a run that was marked when it was logged; see `memorylab.lab.acceptance.accept`."""
        from memorylab.lab import acceptance

        self.context.demand_memory()
        return acceptance.accept(self.context, name, note, owner, ask)

    def amend(
        self, name: str, status: str | None, value: float | None, note: str = "", owner: str | None = None
    ) -> Corrected:
        """Correct what was recorded of a run; see `memorylab.lab.correcting.amend`."""
        from memorylab.lab import correcting

        self.context.demand_memory()
        return correcting.amend(self.context, name, status=status, value=value, note=note, owner=owner)

    def retract(self, name: str, note: str = "", owner: str | None = None) -> Corrected:
        """Take a run out of evidence; see `memorylab.lab.correcting.retract`."""
        from memorylab.lab import correcting

        self.context.demand_memory()
        return correcting.retract(self.context, name, note=note, owner=owner)

    def vouch(self, ask: Ask | None) -> None:
        """Refuse to record a run as accepted unless a person agrees; see `memorylab.lab.consent.demand`."""
        from memorylab.lab import consent

        consent.demand(self.context, "Let this run lead, whatever speaks against its integrity?", ask)

    def new_token(self, ask: Ask | None) -> str:
        """A token by which to agree without a terminal; see `memorylab.lab.consent.new_token`."""
        from memorylab.lab import consent

        self.context.demand_memory()
        return consent.new_token(self.context, ask)

    def pin(self, ask: Ask | None = None) -> Renewed:
        """Agree on the protected files as they are now; see `memorylab.lab.pins.renew`."""
        from memorylab.lab import pins

        self.context.demand_memory()
        return pins.renew(self.context, ask)

    def run(
        self,
        finding: Finding,
        command: Sequence[str],
        *,
        timeout_s: float | None = None,
        check: bool = True,
        commit: bool = False,
        claim: bool = False,
        lease_s: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        wait: bool = True,
    ) -> Outcome:
        """Check, execute and log; see `memorylab.lab.supervised.run`."""
        from memorylab.lab import supervised

        return supervised.run(
            self.context,
            finding,
            command,
            timeout_s=timeout_s,
            check=check,
            commit=commit,
            claim=claim,
            lease_s=lease_s,
            on_progress=on_progress,
            wait=wait,
        )

    def report(self, since_hours: float | None = None) -> Report:
        """Write the morning report; see `memorylab.lab.reporting.report`."""
        from memorylab.lab import reporting

        self._look()
        return reporting.report(self.context, since_hours)

    def morning(self, since_hours: float | None = None) -> Morning:
        """The morning report as data, without writing it."""
        from memorylab.lab import reporting

        self._look()
        return reporting.gather(self.context, since_hours)

    def verify(self, repair: bool = False) -> Checkup:
        """Hold every file against the ledger; see `memorylab.lab.checkup.verify`."""
        from memorylab.lab import checkup

        self.context.demand_memory()
        return checkup.verify(self.context, repair)

    def import_table(
        self, path: Path, *, metric: str | None = None, direction: Direction | None = None, same_arena: bool = False
    ) -> Imported:
        """Take over the runs of a foreign table; see `memorylab.lab.exchange.import_table`."""
        from memorylab.lab import exchange

        return exchange.import_table(self.context, path, metric=metric, direction=direction, same_arena=same_arena)

    def export(self, form: str) -> Iterator[str]:
        """All runs as text in pieces; see `memorylab.lab.exchange.export`."""
        from memorylab.lab import exchange

        self.context.demand_memory()
        return exchange.export(self.context, form)

    def priors(self) -> Prior | None:
        """The counts from other ledgers that ideas are judged with; None where they are switched off."""
        return self.context.prior()

    def load_priors(self, path: Path) -> tuple[Pack, Path]:
        """Take a pack of counts into the workspace; see `memorylab.lab.field.load`."""
        from memorylab.lab import field

        self.context.demand_memory()
        return field.load(self.context.place.priors, path)

    def history(self, limit: int = 20, status: str | None = None, family: str | None = None) -> list[RunView]:
        """The newest runs, newest first."""
        self._look()
        return self.context.views().history(limit, status, family)

    def search(self, words: str, limit: int = 20) -> list[RunView]:
        """Runs whose texts share words with a query, the closest first; then those that change what it names.

        "muon learning rate" finds runs on MATRIX_LR, whatever they call it.
        """
        from memorylab.lab import looking

        self._look()
        return looking.search(self.context.views(), words, limit)

    def sigmas(self, runs: Sequence[RunView]) -> dict[int, float]:
        """The noise of one run in each arena that the runs are of: the digits that their values deserve."""
        return sigmas(self.context.views(), runs)

    def show(self, name: str) -> Run:
        """The ledger row of a run named by its id, its commit, or the start of either.

        Raises:
            InputError: no run, or more than one, has this name.

        """
        from memorylab.lab import looking

        self._look()
        return looking.show(self.context, name)

    def best(self, limit: int = 5) -> dict[str, Any]:
        """The champion of the arena in use, and the runs closest to it."""
        from memorylab.lab import looking

        self._look()
        return looking.best(self.context, limit)

    def whereabouts(self) -> Whereabouts:
        """Which run's the code in the workspace is, and what lies between it and the champion's."""
        from memorylab.lab import checkout

        self._look()
        return checkout.whereabouts(self.context)

    def checkout(self, name: str) -> CheckedOut:
        """Bring the files under trial back to what they were in a run, `champion` or any; see `lab.checkout`.

        Raises:
            LabError: they hold work that is in no commit, or the run's code is in none.
            InputError: no run, or more than one, has this name.

        """
        from memorylab.lab import checkout

        self._look()
        return checkout.checkout(self.context, name)

    def champion_patch(self) -> str:
        """The patch that leads from the first run to the champion, over the files under trial.

        Raises:
            LabError: there is no champion yet, or the code of one of the two is in no commit.

        """
        from memorylab.lab import checkout

        self._look()
        return checkout.difference_to(self.context)

    def brief(self) -> Brief:
        """What an agent without context needs: goal, champion, where the code stands, what failed, what to run next."""
        from memorylab.lab import brief

        self._look()
        return brief.brief(self.context)

    def next_runs(self, limit: int = 8) -> list[dict[str, Any]]:
        """What the next run is worth, by what it is spent on; see `memorylab.lab.nexts.options`."""
        from memorylab.lab import nexts
        from memorylab.lab.outlook import outlook

        self._look()
        views = self.context.views()
        where = standing(views, current_arena(views, home_arena(self.context)))
        return nexts.options(views, where, outlook(views, where), limit)

    def knobs(self, limit: int = 20) -> list[dict[str, Any]]:
        """The knobs that most runs changed: values tried, outcomes, and which side is untried."""
        from memorylab.lab import knobs

        self._look()
        return knobs.table(self.context, limit)

    def knob(self, name: str) -> dict[str, Any]:
        """One knob, by any of its names, with each of its tries; see `memorylab.lab.knobs.knob`."""
        from memorylab.lab import knobs

        self._look()
        return knobs.knob(self.context, name)

    def ideas(self, limit: int = 5) -> Proposed:
        """What to try next with concrete values, knobs that no run has changed included, the best first.

        No more than `limit`, none that the guard would block, that somebody has claimed, or that was tried on this
        base; see `memorylab.lab.ideas`.
        """
        from memorylab.lab import ideas

        self._look()
        return ideas.propose(self.context, limit)

    def noise(self) -> dict[str, Any]:
        """How much one run varies in the arena in use, and what that rests on; see `memorylab.lab.noisiness.noise`."""
        from memorylab.lab import noisiness

        self._look()
        return noisiness.noise(self.context)

    def calibrate(
        self,
        runs: int,
        command: Sequence[str],
        *,
        timeout_s: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Iterator[Outcome]:
        """Measure that by running the code as it is; see `memorylab.lab.noisiness.calibrate`."""
        from memorylab.lab import noisiness

        return noisiness.calibrate(self.context, runs, command, timeout_s=timeout_s, on_progress=on_progress)


def _asked(idea: Idea) -> Idea:
    """The idea with what of it is judged, which a verdict tells."""
    return (
        idea if idea.judged is not None else idea._replace(judged=JudgedBy("words" if idea.change is None else "diff"))
    )
