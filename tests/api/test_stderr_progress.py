"""The line of progress on a terminal."""

from api.printing.stderr_progress import StderrProgress


def test_a_long_stage_tells_how_long_the_rest_takes_counting_only_what_this_run_did(capsys):
    now = iter([0.0, 10.0, 20.0])
    progress = StderrProgress(shown=True, clock=lambda: next(now))
    progress.step("capacity", 100, 489)
    progress.step("capacity", 110, 489)
    assert "6:19 left" in capsys.readouterr().err  # 379 chunks at one a second
    progress.step("capacity", 489, 489)
    assert capsys.readouterr().err.endswith("\n")


def test_nothing_is_written_where_nobody_looks(capsys):
    StderrProgress(shown=False).step("capacity", 1, 2)
    assert capsys.readouterr().err == ""
