"""The wheel that users install, and the rules that the code keeps."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def names(folder: str) -> set[str]:
    files = (ROOT / folder).rglob("*")
    return {file.relative_to(ROOT).as_posix() for file in files if file.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["templates", "posts"])
def test_the_wheel_brings_the_templates_and_the_example_posts(wheel: Path, folder: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert {f"karnay/_packaged/{name}" for name in names(folder)} <= packed


@pytest.mark.slow
def test_the_wheel_brings_what_is_no_python(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    ours = names("src/karnay")
    wanted = {name.removeprefix("src/") for name in ours if "__pycache__" not in name}
    assert wanted <= packed


@pytest.mark.slow
def test_an_installed_wheel_previews_an_example_post(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import karnay.rendering.packaged as packaged\n"
        "from karnay.cli.main import cli\n"
        "assert packaged.__file__.startswith(sys.argv[1]), packaged.__file__\n"
        "assert str(packaged.packaged('posts')).startswith(sys.argv[1])\n"
        "cli(['init', '--sandbox', sys.argv[2]], standalone_mode=False)\n"
        "import shutil; shutil.copytree(packaged.packaged('posts'), sys.argv[2] + '/posts', "
        "dirs_exist_ok=True)\n"
        "cli(['-C', sys.argv[2], 'preview', '2030-03-16-open-day'], standalone_mode=False)\n"
    )
    office = str(tmp_path / "office")
    ran = subprocess.run(
        [sys.executable, "-I", "-c", script, str(site), office],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Open day at the institute" in ran.stdout
    assert "(packaged)" in ran.stdout


def test_the_layers_of_the_design_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("said", ["pypi.org", "pythonhosted", "registry.npmjs", "deb.debian.org"])
def test_no_file_names_a_package_registrys_host(said: str) -> None:
    listed = subprocess.run(
        ["git", "grep", "-lI", said], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert set(listed.stdout.split()) <= {"tests/test_package.py"}
