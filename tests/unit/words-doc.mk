# SPDX-License-Identifier: BSD-2-Clause
# docs/words.md says of each word of the standards whether the dictionary has it.
.PHONY: words-doc
words-doc: $(O)/host/forth
	tools/words-doc.py --forth $< > docs/words.md.new && mv docs/words.md.new docs/words.md
TEST_PROGRAMS += $(O)/host/forth
TEST_LINES += printf '%s\t%s\t%s\n' 'docs/words.md' \
	'tools/words-doc.py --forth $(O)/host/forth --check docs/words.md' 60;
