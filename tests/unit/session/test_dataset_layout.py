"""Folders as `datasets` lays them out: which files are opened, and in which order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.errors import UnreadableError, UsageError
from curator.session.dataset_folder import dataset_folder, shard_names
from curator.session.naming import paths_of, proposed_beside


def made(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(folder: Path, name: str = "") -> list[str]:
    return [str(path.relative_to(folder)) for path in paths_of([folder / name])]


def test_shards_are_in_natural_order_and_training_comes_first(tmp_path: Path) -> None:
    made(tmp_path, "data/test-00000-of-00001.parquet", "data/train-00010-of-00011.parquet", "data/validation.parquet")
    made(tmp_path, "data/train-00002-of-00011.parquet", "dataset_infos.json", "README.md", ".gitattributes")
    wanted = [
        "data/train-00002-of-00011.parquet",
        "data/train-00010-of-00011.parquet",
        "data/validation.parquet",
        "data/test-00000-of-00001.parquet",
    ]
    assert found(tmp_path) == found(tmp_path, "data") == found(tmp_path, "data/*.parquet") == wanted


def test_parts_may_be_folders(tmp_path: Path) -> None:
    made(tmp_path, "test/a.parquet", "train/b.parquet", "train/a.parquet", "dev/a.jsonl.gz", "else/c.parquet")
    assert found(tmp_path) == ["train/a.parquet", "train/b.parquet", "dev/a.jsonl.gz", "test/a.parquet"]


def test_files_of_which_some_are_of_no_part_stay_in_natural_order(tmp_path: Path) -> None:
    made(tmp_path, "chat.jsonl", "test.jsonl", "train.jsonl")
    assert found(tmp_path) == ["chat.jsonl", "test.jsonl", "train.jsonl"]


def test_a_folder_that_was_saved_to_disk_says_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["test", "train"]}')
    for split, number in (("train", 2), ("test", 1)):
        names = [f"data-{n:05}-of-{number:05}.arrow" for n in range(number)]
        made(tmp_path / split, *names, "dataset_info.json", "left-over.arrow")
        state = {"_data_files": [{"filename": name} for name in names], "_split": split}
        (tmp_path / split / "state.json").write_text(json.dumps(state))
    one = ["train/data-00000-of-00002.arrow", "train/data-00001-of-00002.arrow"]
    assert found(tmp_path) == [*one, "test/data-00000-of-00001.arrow"]
    assert found(tmp_path, "train") == one
    (tmp_path / "test" / "state.json").write_text("{")
    with pytest.raises(UnreadableError, match=r"state\.json: cannot be read"):
        found(tmp_path)


README = """---
license: mit
configs:
- config_name: default
  data_files:
  - split: train
    path:
    - "english/*.parquet"
    - german/one.parquet
  - split: test
    path: held-out/t-*
dataset_info:
  features:
  - name: text
---
# configs:
"""


def test_a_readme_names_the_files(tmp_path: Path) -> None:
    made(tmp_path, "english/b.parquet", "english/a.parquet", "german/one.parquet", "german/two.parquet")
    made(tmp_path, "held-out/t-0.parquet", "data/other.parquet")
    (tmp_path / "README.md").write_text(README)
    wanted = ["english/a.parquet", "english/b.parquet", "german/one.parquet", "held-out/t-0.parquet"]
    assert found(tmp_path) == wanted
    more = README.replace("dataset_info:", "- config_name: small\n  data_files: data/*\ndataset_info:")
    (tmp_path / "README.md").write_text(more)
    assert found(tmp_path) == wanted
    (tmp_path / "README.md").write_text(more.replace("default", "large"))
    with pytest.raises(UnreadableError, match=r"several sets of records \(large, small\)"):
        found(tmp_path)


@pytest.mark.parametrize("path", ["../../x.parquet", "/etc/*", "nothing-*"])
def test_a_readme_that_leads_elsewhere_is_not_followed(tmp_path: Path, path: str) -> None:
    made(tmp_path, "data/train.parquet")
    (tmp_path / "README.md").write_text(README.replace("english/*.parquet", path).replace("german/one", "no/one"))
    assert found(tmp_path) == ["data/train.parquet"]


def test_a_readme_about_nothing_changes_nothing(tmp_path: Path) -> None:
    made(tmp_path, "x.jsonl")
    for text in ("", "# A title\nconfigs:\n", "---\nconfigs:\n- config_name: a\n", "---\nlicense: mit\n---\n"):
        (tmp_path / "README.md").write_text(text)
        assert found(tmp_path) == ["x.jsonl"]


def test_names_beside_a_table_are_those_of_tables(tmp_path: Path) -> None:
    assert proposed_beside(tmp_path / "a.b.parquet", "short") == tmp_path / "a.b.short.parquet"
    assert proposed_beside(tmp_path / "a.arrow", "short") == tmp_path / "a.short.parquet"


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    folder = tmp_path / "new"
    with pytest.raises(RuntimeError), dataset_folder(folder, ["train"]):
        raise RuntimeError
    assert not folder.exists()
    with dataset_folder(folder, ["train", "test"]) as data:
        made(data, *shard_names("train", 2), *shard_names("test", 1))
    assert found(folder) == [f"data/{name}" for name in (*shard_names("train", 2), *shard_names("test", 1))]
    with pytest.raises(UsageError, match="is there already"), dataset_folder(folder, ["train"]):
        pass
