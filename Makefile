# Les tâches sont écrites une fois, en Python, pour marcher aussi sans make : voir book/build.py.
PYTHON ?= python3
TASKS := site pdf slides archive test bench mutation experiences environnement verifier notebooks lecon lab tp corriger classement serve paquet lock liens audit grammaire licences clean help

.DEFAULT_GOAL := help
.PHONY: $(TASKS)

$(TASKS):
	@$(PYTHON) book/build.py $@
