"""The command line, run inside the process of the tests."""

import io
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from unittest import mock

from lawbook.cli import main


def run(*arguments, cwd="."):
    """Do what `lawbook` does, in this process, whose compiled programs all commands share."""
    out, error, code = io.StringIO(), io.StringIO(), 0
    arguments = ["lawbook", *map(str, arguments)]
    with chdir(cwd), redirect_stdout(out), redirect_stderr(error):
        with mock.patch.object(sys, "argv", arguments):
            try:
                main()
            except SystemExit as ended:
                code = ended.code or 0
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), error.getvalue())
