# Les tâches sont écrites une fois, en Python, pour marcher aussi sans make : book/builder/tasks.py.
PYTHON ?= python3

.DEFAULT_GOAL := help

%: always
	@$(PYTHON) book/build.py $@

Makefile: ; # lui-même n'est pas une tâche
always:
.PHONY: always
