#!/usr/bin/python3
"""Checks the files that operators copy: every test_*() of every test_*.py here.

    tests/operator/run.py [WORD...]     WORDs: parts of `file.test` to run

The last line counts. What cannot be checked on this machine is said, and counted as skipped.
"""

import importlib
import sys
import traceback

sys.dont_write_bytecode = True

from lib import HERE, Problems, Skip    # noqa: E402


def main(words):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        for name in [key for key in vars(module) if key.startswith("test_")]:
            title = f"{path.stem.removeprefix('test_')}.{name.removeprefix('test_')}"
            if words and not any(word in title for word in words):
                continue
            result, story = "passed", ""
            try:
                getattr(module, name)()
            except Skip as reason:
                result, story = "skipped", f"SKIPPED {title}: {reason}"
            except Problems as problems:
                result, story = "failed", "\n".join(f"FAIL {title}: {each}" for each in problems.args[0])
            except BaseException:
                result, story = "failed", f"FAIL {title}:\n{traceback.format_exc()}"
            counts[result] += 1
            if story:
                print(story, flush=True)
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
