"""Programs that XLA compiles for a population, counted: those of the first member's generation, and no more."""

import json
import os
import subprocess
import sys

import pytest

from tests.tuning.pbt.populations import write_config, write_data

pytestmark = pytest.mark.slow

#: Trains three generations and prints, after each member, how many programs the cache of XLA holds.
SCRIPT = """
import json, sys
from pathlib import Path
folder, cache, data, config = map(Path, sys.argv[1:])
from indl_vae.data import load_for
from indl_vae.tuning.pbt.member_trainer import MemberTrainer
from indl_vae.tuning.pbt.population import Population, order_of
from indl_vae.tuning.pbt.population_plan import make_plan
plan = make_plan(data, config=config, settings={"jit_compile": True})
population = Population(folder, plan.settings, plan.burn_in)
trainer = MemberTrainer(plan.params, load_for(plan.params, plan.source), folder / "members")
counted = []
while not population.finished:
    for member in population.waiting():
        order = order_of(population.state, member)
        population.report(member, order["generation"], trainer.train(order)["score"])
        counted.append([order["generation"], member, order["copied"], sum(1 for _ in cache.iterdir())])
    population.advance()
print(json.dumps(counted))
"""


def test_changed_values_and_copied_states_compile_nothing(tmp_path):
    cache = tmp_path / "programs"
    cache.mkdir()
    flags = f"--tf_xla_persistent_cache_directory={cache} --tf_xla_disable_strict_signature_checks=true"
    words = [tmp_path / "population", cache, write_data(tmp_path), write_config(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, "TF_XLA_FLAGS": flags},
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout.splitlines()[-1])
    assert any(copied is not None for _, _, copied, _ in counted)
    first = counted[0][-1]
    assert first > 0, "nothing was counted"
    assert [row[-1] for row in counted] == [first] * len(counted)
