from pathlib import Path

from hemostat.evidence import extras


def test_an_installed_package_names_the_index(tmp_path):
    assert extras.command("avro", tmp_path) == "pip install 'hemostat[avro]'"


def test_a_checkout_names_its_own_folder(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    told = extras.command("avro", tmp_path, str(tmp_path / ".venv"))
    assert told == ".venv/bin/python -m pip install -e '.[avro]'"
    assert extras.command("avro", tmp_path, "/usr") == "python -m pip install -e '.[avro]'"


def test_every_extra_that_is_named_exists():
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    for name in ("archives", "avro", "databases", "documents", "unlocking"):
        assert f"\n{name} = [" in project
