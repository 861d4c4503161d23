"""A small sample of `benchmarks/mutation`: mistakes planted into what our own fixer makes, chosen by a seed."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from keras_lambda_lint.verify import VerifyOptions, verify_file

sys.path.append(str(Path(__file__).parents[2] / "benchmarks" / "mutation"))
from mutants import mutants
from rewrites import rewrites

pytestmark = [pytest.mark.execution, pytest.mark.slow]

SEED = 7
COUNT = 5


def test_a_right_rewrite_holds_and_mistakes_planted_into_it_are_rejected_at_their_layer(sandbox, tmp_path):
    [rewrite] = rewrites(tmp_path, only="model-vae")
    chosen = random.Random(SEED).sample(list(mutants(rewrite)), COUNT)

    def verified(each):
        return verify_file(
            rewrite.original.filename, each.original, each.fixed, each.replaced, VerifyOptions(), sandbox
        )

    assert [str(site.verdict) for site in verified(rewrite).sites if not site.verdict.agrees] == []
    for mutant in chosen:
        verification = verified(mutant.rewrite)
        held = {index for index in range(len(verification.sites)) if verification.site_holds(index)}
        assert not held & mutant.sites, f"{mutant.kind}: {mutant.planted}"
        assert held, f"all layers are blamed for {mutant.kind}: {mutant.planted}"
