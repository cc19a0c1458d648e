#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
Writes docs/words.md: which words of the standards the dictionary has, and why others are missing.
What is there is asked of the dictionary itself.

    tools/words-doc.py --forth build/host/forth [--check docs/words.md]

--check compares instead of printing and exits 1 when they differ; a missing word without a reason
always fails. A reason for a word that came since is not printed.
"""
import argparse
import re
import subprocess
import sys

LIST = "tools/words.list"
# Words only the board has (board-qemu/ready.c, words-pci.c); the host's program cannot show them.
BOARD = {"reset-all", "power-off", ".registers", "ctrace"}
# What only the host's program has.
HOST = {"bye"}
HEAD = """<!-- SPDX-License-Identifier: BSD-2-Clause -->
# Words of the standards

Made by `make words-doc` from the dictionary and `tools/words.list`; do not edit. `help WORD` at the prompt
tells what a word does; `docs/forth.md` is about the language.
"""


def sections():
    """[title, words in order, {word: reason}] for each section of the list."""
    out = []
    for line in open(LIST, encoding="ascii").read().splitlines():
        if line.startswith("# ") or not line.strip():
            continue
        if line.startswith("= "):
            out.append([line[2:], [], {}])
        elif line.startswith("- ") and ": " in line:
            words, reason = line[2:].split(": ", 1)
            out[-1][2].update({w: reason for w in words.split()})
            out[-1][1] += [w for w in words.split() if w not in out[-1][1]]
        else:
            out[-1][1] += [w for w in line.split() if w not in out[-1][1]]
    return out


def there(forth, words):
    """Which of the words are in the dictionary."""
    text = "".join(f"bl word {w} find nip .\n" for w in sorted(words))
    run = subprocess.run([forth], input=text, capture_output=True, text=True, timeout=60, check=False)
    answers = dict(re.findall(r"bl word (\S+) find nip \.\s+(-?\d+)", run.stdout))
    lost = sorted(w for w in words if w not in answers)
    if lost:
        sys.exit(f"no answer for {' '.join(lost)}")
    return {w for w in words if answers[w] != "0"} - HOST | (words & BOARD)


def code(words):
    return " ".join(f"`` {w} ``" if "`" in w else f"`{w}`" for w in words)


def page(parts, have):
    out, faults = [HEAD], []
    out.append("| section | there | missing |\n|---|---|---|")
    for title, words, _ in parts:
        n = sum(w in have for w in words)
        out.append(f"| {title} | {n} | {len(words) - n} |")
    for title, words, reasons in parts:
        out.append(f"\n## {title}\n\n{code([w for w in words if w in have])}")
        missing = {}
        for w in words:
            if w not in have:
                missing.setdefault(reasons.get(w), []).append(w)
        if missing:
            out.append("\nMissing:\n")
        for reason, names in missing.items():
            if not reason:
                faults.append(f"{title}: no reason for {' '.join(names)}")
            out.append(f"- {code(names)}: {reason}.")
    return "\n".join(out) + "\n", faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forth", required=True)
    parser.add_argument("--check")
    args = parser.parse_args()
    parts = sections()
    text, faults = page(parts, there(args.forth, {w for p in parts for w in p[1]}))
    for fault in faults:
        print(fault, file=sys.stderr)
    if args.check:
        same = open(args.check, encoding="utf-8").read() == text
        print("1..1")
        print(f"{'ok' if same else 'not ok'} 1 - {args.check} is as the dictionary says")
        if not same:
            print("# run make words-doc")
        faults += [] if same else ["differs"]
    else:
        sys.stdout.write(text)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
