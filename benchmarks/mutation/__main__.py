"""Mutation test of the verifier: `python benchmarks/mutation --mutants 160 > benchmarks/mutation.md`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from mutants import Mutant, mutants
from remembering import Remembering
from rewrites import Rewrite, rewrites

from keras_lambda_lint.verify import Kind, Verification, VerifyOptions, verify_file

SEED = 20261121


def main() -> int:
    """Print the figures and what is wrong with the verifier; return 1 where something is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutants", type=int, default=160)
    parser.add_argument(
        "--modelled", type=int, default=60, help="of them, on models written after development repositories"
    )
    parser.add_argument("--only", default="", help="programs whose name holds this text")
    parser.add_argument("--kind", default="", help="mutants whose kind holds this text")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--part", default="1/1", help="such as 2/4: every fourth program, from the second on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, Remembering() as sandbox:
        part, parts = map(int, options.part.split("/"))
        found = rewrites(Path(directory), options.only)[part - 1 :: parts]
        right = Right()
        for each in found:
            right.add(each, _verified(each, sandbox))
        print(right.text(), flush=True)
        chosen = _chosen(right.compared, options)
        wrong = Wrong()
        for mutant in chosen:
            wrong.add(mutant, _verified(mutant.rewrite, sandbox))
        print(wrong.text())
    return int(bool(right.rejected or wrong.accepted))


def _verified(rewrite: Rewrite, sandbox: Remembering) -> Verification:
    options = VerifyOptions(keras=rewrite.keras)
    return verify_file(rewrite.original.filename, rewrite.original, rewrite.fixed, rewrite.replaced, options, sandbox)


def _chosen(compared: list[Rewrite], options: argparse.Namespace) -> list[Mutant]:
    """Return mutants chosen by the seed: kinds in turns, so that seldom ones come too."""
    generator = random.Random(options.seed)
    taken: list[Mutant] = []
    for modelled, count in ((True, options.modelled), (False, options.mutants - options.modelled)):
        by_kind: dict[str, list[Mutant]] = defaultdict(list)
        for rewrite in compared:
            if rewrite.modelled is modelled:
                for mutant in mutants(rewrite):
                    if options.kind in mutant.kind:
                        by_kind[mutant.kind].append(mutant)
        for pool in by_kind.values():
            generator.shuffle(pool)
        turns = [
            each for turn in zip(*(_padded(pool, count) for pool in by_kind.values()), strict=True) for each in turn
        ]
        taken += [each for each in turns if each is not None][:count]
    return taken


def _padded(pool: list[Mutant], count: int) -> list[Mutant | None]:
    return [*pool, *([None] * count)][:count] if count else []


class Right:
    """What became of the right rewrites."""

    def __init__(self) -> None:
        self.compared: list[Rewrite] = []
        """Those of which every site holds: what is planted into them is the only mistake."""
        self.rejected: list[str] = []
        self._kinds: Counter[str] = Counter()
        self._uncovered: list[str] = []

    def add(self, rewrite: Rewrite, verification: Verification) -> None:
        for index, site in enumerate(verification.sites):
            self._kinds[site.verdict.kind.value] += 1
            line = f"{rewrite.name}:{site.row}: {site.verdict}"
            if site.verdict.kind in (Kind.DIFFER, Kind.ERROR):
                self.rejected.append(line)
            elif not verification.site_holds(index):
                self._uncovered.append(line)
            print(line, file=sys.stderr, flush=True)
        if all(site.verdict.agrees for site in verification.sites):
            self.compared.append(rewrite)

    def text(self) -> str:
        judged = sum(count for kind, count in self._kinds.items() if kind not in ("uncovered",))
        lines = [f"right rewrites: {judged} judged, {len(self.rejected)} rejected"]
        lines += [f"  {kind}: {count}" for kind, count in self._kinds.most_common()]
        return "\n".join(
            [
                *lines,
                *(f"  REJECTED {line}" for line in self.rejected),
                *(f"  not run: {line}" for line in self._uncovered),
            ]
        )


class Wrong:
    """What became of the mutants."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self._misnamed: list[str] = []
        self._blamed: list[str] = []
        self._kinds: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._modelled = 0

    def add(self, mutant: Mutant, verification: Verification) -> None:
        self._kinds[mutant.kind] += 1
        self._modelled += mutant.rewrite.modelled
        refused = {index for index in range(len(verification.sites)) if not verification.site_holds(index)}
        first = min(mutant.sites)
        line = f"{mutant.rewrite.name} [{mutant.kind}] `{mutant.planted}`: {verification.sites[first].verdict}"
        print(line, file=sys.stderr, flush=True)
        if not refused:
            self.accepted.append(line)
        elif not refused & mutant.sites:
            self._misnamed.append(line)
        else:
            self._rejected[mutant.kind] += 1
            if refused - mutant.sites:
                self._blamed.append(line)

    def text(self) -> str:
        total, rejected = sum(self._kinds.values()), sum(self._rejected.values())
        lines = [
            f"mutants: {total} ({self._modelled} on models after development repositories), {rejected} rejected at the right layer"
            f" ({rejected / max(total, 1):.1%}), {len(self._misnamed)} at another one, {len(self.accepted)} accepted",
            *(f"  {kind}: {self._rejected[kind]} of {count}" for kind, count in sorted(self._kinds.items())),
            *(f"  ACCEPTED {line}" for line in self.accepted),
            *(f"  AT ANOTHER LAYER {line}" for line in self._misnamed),
            f"  with layers that are right refused too: {len(self._blamed)}",
            *(f"    {line}" for line in self._blamed),
        ]
        return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
