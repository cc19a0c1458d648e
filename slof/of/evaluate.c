/* SPDX-License-Identifier: BSD-2-Clause */
/* The place where Forth, if it is there, is plugged into the machine. */
#define LOG_TAG "of"
#include "of/evaluate.h"

#include "base/err.h"
#include "base/log.h"

static const struct of_evaluator *current;

void of_set_evaluator(const struct of_evaluator *evaluator)
{
	current = evaluator;
}

bool of_has_evaluator(void)
{
	return current != NULL;
}

int of_evaluate(const char *what, const char *text, size_t len)
{
	if (!current) {
		log_warn("%s: not run, there is no Forth here", what);
		return E_UNSUPP;
	}
	return current->evaluate(what, text, len);
}

int of_interpret(const char *text, size_t len, struct stack *st)
{
	return current ? current->interpret(text, len, st) : E_UNSUPP;
}

int of_enter(bool (*over)(void))
{
	return current ? current->enter(over) : E_UNSUPP;
}
