"""The arithmetic of the benchmarks: what they count, and what they make of times. Nothing is timed here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks import command, fresh, inference, memory, scaling, starts, steps
from benchmarks.floor import PRODUCT, REPEATS, floor_s, rate_gflops
from benchmarks.machine import cpu_model, machine
from benchmarks.products import disagreement, products, step_gflop, trial_gflop
from benchmarks.shapes import GFLOP, SHAPES, Shape
from benchmarks.table import cell, table
from benchmarks.timing import interleave, ratios, seconds_of, spread, spread_ms
from tests.test_project.source_tree import PROJECT

ASKED_FOR = """
| lorenz | 128 | 100 | 60 | 100 | 64 | 64 | 1 | 100 | 100 | 40 | 15.8 |
| chaos | 128 | 100 | 50 | 128 | 128 | 128 | 1 | 64 | 200 | 20 | 40.6 |
| maze | 256 | 140 | 137 | 100 | 80 | 80 | 4 | 100 | 100 | 40 | 65.7 |
| long | 32 | 1000 | 60 | 100 | 64 | 64 | 1 | 100 | 100 | 40 | 39.4 |
"""
#: A product measured in this time has a rate of 200 GFLOP/s.
AT_200 = REPEATS * 2 * 1024**3 / 200e9


def asked_for() -> dict[str, list[float]]:
    rows = [line.strip("| ").split(" | ") for line in ASKED_FOR.strip().splitlines()]
    return {name: [float(value) for value in values] for name, *values in rows}


def test_shapes_are_those_asked_for():
    assert {name: [*vars(shape).values(), GFLOP[name]] for name, shape in SHAPES.items()} == asked_for()


def test_sizes_are_parameters_of_the_library():
    from indl_vae import make_params

    params = make_params("lfads", SHAPES["chaos"].sizes())
    assert params["f_units"] == (128,) and params["gen_units"] == 200
    assert (params["z_latent_size"], params["f_latent_size"], params["n_factors"]) == (1, 64, 20)
    assert (params["z1_units"], params["con_units"]) == (128, 128)


def test_products_of_a_small_model_counted_by_hand():
    shape = Shape(trials=2, bins=3, channels=5, ic_enc=2, ci_enc=3, con=4, co=1, ic=2, gen=3, fac=2)
    data = 3 * (5 * 12 + 5 * 18)  # both encoders' input kernels, both directions: 450
    encoders = 3 * (2 * 12 + 3 * 18) + 4 * 4  # states; mean and log-variance of the initial condition: 250
    code = 3 * (6 * 12)  # 216
    once = 2 * 3 + 3 * 2  # initial state of the generator, initial factors: 12
    decoder = 3 * (2 * 12 + 4 * 12 + 4 * 2 + 1 * 9 + 3 * 9 + 3 * 2 + 2 * 5)  # 396
    assert sum(p.flop for p in products(shape)) == 2 * (data + encoders + code + once + decoder)
    assert step_gflop(shape) * 1e9 == pytest.approx(2 * 2 * (2 * 450 + 3 * (250 + 216 + 12 + 396)))
    assert trial_gflop(shape) * 1e9 == pytest.approx(2 * (450 + 250 + 216 + 12 + 396))
    assert trial_gflop(shape, samples=10) * 1e9 == pytest.approx(2 * (450 + 250 + 216 + 10 * (12 + 396)))


@pytest.mark.parametrize("name", SHAPES)
def test_counted_products_are_those_listed(name):
    assert step_gflop(SHAPES[name]) == pytest.approx(GFLOP[name], rel=0.005)


def test_disagreement_is_said_when_it_is_more_than_a_few_percent():
    assert disagreement(15.8, 15.9) == ""
    assert disagreement(10.0, 11.0) == "10.0 GFLOP listed, 11.0 counted (+10%)"


def test_doubling_changes_one_size():
    shape = SHAPES["lorenz"]
    assert vars(shape.doubled("bins")) == {**vars(shape), "bins": 200}
    assert step_gflop(shape.doubled("trials")) == pytest.approx(2 * step_gflop(shape))


def test_floor():
    assert rate_gflops([1.0, AT_200, 0.0]) == pytest.approx(200.0)
    assert floor_s(18.0, 200.0) == pytest.approx(0.1)


def test_variants_take_turns_after_one_that_does_not_count():
    order: list[str] = []
    runs = {"a": lambda: order.append("a"), "b": lambda: order.append("b")}
    ticks = iter(n * n for n in range(100))  # every difference is another one
    times = interleave(runs, 2, clock=lambda: float(next(ticks)))
    assert order == ["a", "b"] * 3
    # two readings to a counted call, one to the turn that does not count
    assert times == {"a": [3**2 - 2**2, 7**2 - 6**2], "b": [5**2 - 4**2, 9**2 - 8**2]}
    assert seconds_of(lambda: None, clock=lambda: float(next(ticks))) == 11**2 - 10**2


def test_spreads_and_ratios():
    assert spread([3.0, 1.0, 2.0]) == {"median": 2.0, "min": 1.0, "max": 3.0}
    assert spread_ms([0.5], per=50) == pytest.approx({"median_ms": 10.0, "min_ms": 10.0, "max_ms": 10.0})
    found = ratios({"base": [1.0, 2.0], "slow": [3.0, 2.0]}, "base")
    assert found["slow"] == {"median": 2.0, "min": 1.0, "max": 3.0}
    assert found["base"] == {"median": 1.0, "min": 1.0, "max": 1.0}


def test_step_summary_has_floors_and_ratios():
    times = {PRODUCT: [AT_200], "loop plain": [0.4, 0.8, 0.4], "fused XLA": [0.1, 0.2, 0.3]}
    result = steps.summary("lorenz", times, {name: {"build_s": 1.0, "first_step_s": 9.0} for name in list(times)[1:]})
    floor_ms = 1e3 * 15.8 / 180
    assert result["floor_rate_gflops"] == pytest.approx(200) and result["floor_ms"] == pytest.approx(floor_ms)
    fused = result["steps"]["fused XLA"]
    assert (fused["median_ms"], fused["min_ms"], fused["max_ms"]) == pytest.approx((200, 100, 300))
    assert fused["to_loop_plain"] == pytest.approx(0.5) and fused["floors"] == pytest.approx(200 / floor_ms)
    assert result["left_out"] == ["keras plain", "keras XLA", "loop XLA", "fused plain"]
    text = steps.report("lorenz", result)
    assert "floor 88 ms = 15.8 GFLOP at 0.9 x 200 GFLOP/s" in text and "Left out: keras plain" in text
    assert "| fused XLA  |       200 | 100 | 300 |   2.28 |         0.50 |    1.00 |         9.00 |" in text


def test_ratio_is_left_open_without_the_plain_loop():
    result = steps.summary("lorenz", {PRODUCT: [AT_200], "fused XLA": [0.1]}, {"fused XLA": {}})
    assert result["steps"]["fused XLA"]["to_loop_plain"] is None


def test_variants():
    assert len(steps.VARIANTS) == 6 and steps.VARIANTS["keras plain"] == ("keras", False)
    assert steps.variants_of("chaos") == list(steps.VARIANTS)
    assert steps.variants_of("long") == ["loop plain", "fused plain", "fused XLA"]
    assert steps.variants_of("lorenz", quick=True) == ["loop plain", "fused plain", "fused XLA"]


def test_scaling_summary():
    shapes = scaling.scaled_shapes()
    assert shapes["T x 2"].bins == 200 and shapes["gen_units x 2"].gen == 200 and shapes["base"] == SHAPES["lorenz"]
    result = scaling.summary({"base": [1.0, 1.0], "B x 2": [1.8, 2.0]})
    row = result["steps"]["B x 2"]
    assert (row["ratio"], row["ratio_min"], row["ratio_max"], row["products"]) == pytest.approx((1.9, 1.8, 2.0, 2.0))
    assert "| B x 2     |      1900 | 1800 | 2000 |  1.90 | 1.80 | 2.00 |" in scaling.report(result)


def test_inference_is_told_per_trial():
    result = inference.summary({PRODUCT: [AT_200], "validation": [0.128], "posterior": [6.4]})
    validation, posterior = result["calls"]["validation"], result["calls"]["posterior"]
    assert validation["median_ms"] == pytest.approx(1.0) and posterior["median_ms"] == pytest.approx(100.0)
    assert validation["floors"] == pytest.approx(1.0 / (1e3 * trial_gflop(SHAPES["lorenz"]) / 180))
    assert posterior["floors"] == pytest.approx(100.0 / (1e3 * trial_gflop(SHAPES["lorenz"], 50) / 180))
    assert "| validation |" in inference.report(result)


def test_memory_is_compared_with_the_import():
    seen = {"compile_s": 8.78, "floor_rate_gflops": 200.0, "peak_mb": 900.0}
    row = memory.compared("lorenz", seen, {"peak_mb": 500.0})
    assert row["own_mb"] == 400.0 and row["compile_floors"] == pytest.approx(8.78 / (15.8 / 180))
    assert "| lorenz      |" in memory.report({memory.BASELINE: {"peak_mb": 500.0}, "lorenz": row})


def test_fresh_processes_have_no_compilation_cache():
    flags = "--tf_xla_auto_jit=0 --tf_xla_persistent_cache_directory=somewhere --tf_xla_persistent_cache_prefix=a"
    found = memory.without_cache({"TF_XLA_FLAGS": flags, "HOME": "here"})
    assert found == {"TF_XLA_FLAGS": "--tf_xla_auto_jit=0", "HOME": "here"}


def test_high_water_mark():
    assert fresh.high_water_mb("VmPeak:\t 9999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1024 kB\n") == 2.0
    assert fresh.high_water_mb("VmPeak:\t 9999 kB\n") != fresh.high_water_mb("")  # NaN: not known
    assert 5 < fresh.peak_mb() < 100_000


def test_tables_are_aligned_markdown():
    assert table("Title", ["name", "ms"], [["a", 1.234], ["longer", None]]).splitlines() == [
        "",
        "### Title",
        "",
        "| name   |   ms |",
        "| ------ | ---: |",
        "| a      | 1.23 |",
        "| longer |    - |",
    ]
    assert [cell(v) for v in (123.4, 12.34, 0.123, 7, "x")] == ["123", "12.3", "0.12", "7", "x"]


def test_shapes_table_lists_both_counts():
    text = command.shapes_table(["lorenz", "long"])
    assert "| lorenz | 128 |  100 |  60 |" in text and "|  15.8 |    15.8 |" in text
    assert "listed" not in text


def test_a_whole_run_is_written_and_a_part_is_not():
    whole = command.parse([])
    assert whole.output == command.RESULTS and whole.shapes == list(SHAPES) and whole.rounds == 7
    quick = command.parse(["--quick"])
    assert quick.output is None and quick.shapes == ["lorenz"] and quick.rounds == 2
    assert command.parse(["--shapes", "lorenz,chaos"]).output is None
    assert command.parse(["--only", "memory", "--output", "here.json"]).output.name == "here.json"


def test_an_unknown_shape_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.parse(["--shapes", "lorenz,mouse"])
    assert "expected names of lorenz, chaos, maze, long" in capsys.readouterr().err


def test_floor_rate_is_the_median_of_the_shapes():
    assert command.floor_rate([{"floor_rate_gflops": rate} for rate in (100.0, 190.0, 200.0)]) == 190.0


def test_sections_land_in_the_results(monkeypatch):
    step = {"floor_rate_gflops": 190.0, "steps": {}}
    monkeypatch.setattr(command, "measure_starts", lambda rounds: {"import": rounds})
    monkeypatch.setattr(command, "measure_memory", lambda names: {"import only": {}, **{n: {"peak": n} for n in names}})
    monkeypatch.setattr(command, "measure_steps", lambda name, rounds, quick: dict(step))
    monkeypatch.setattr(command, "measure_inference", lambda rounds: "inference")
    monkeypatch.setattr(command, "measure_scaling", lambda rounds, quick: "scaling")
    results = command.measure(command.parse(["--shapes", "lorenz,chaos"]))
    assert list(results["shapes"]) == ["lorenz", "chaos"] and results["floor_rate_gflops"] == 190.0
    assert results["shapes"]["chaos"] == {"fresh": {"peak": "chaos"}, **step}
    assert (results["starts"], results["inference"], results["scaling"]) == ({"import": 7}, "inference", "scaling")
    assert set(command.measure(command.parse(["--only", "scaling"]))) == {"machine", "scaling", "shapes"}


def test_machine_is_named():
    assert cpu_model("processor\t: 0\nmodel name\t: Quick 9000\n") == "Quick 9000"
    assert set(machine()) == {"cores", "cpu_model", "system", "python", "tensorflow", "keras"}
    assert json.dumps(machine())


def test_starts_name_the_command():
    assert "indl-vae --help" in starts.start_commands()
    assert "| a     |      1.00 |" in starts.report({"a": {"median_ms": 1.0, "min_ms": 0.5, "max_ms": 2.0}})


def test_the_command_starts_without_tensorflow():
    code = "import sys, benchmarks.command; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT).returncode == 0
    done = subprocess.run([sys.executable, "benchmarks/run.py", "--help"], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0 and "--shapes" in done.stdout


def test_a_warm_turn_is_two_calls_of_which_the_second_counts():
    ticks = iter(range(100))
    calls = []
    times = interleave({"a": lambda: calls.append("a")}, 2, clock=lambda: next(ticks), warm=True)
    assert calls == ["a"] * 6 and times == {"a": [1, 1]}
