# One verb, one line of work. `make help` lists them.
SHELL := /bin/bash
SWIFT ?= swift
