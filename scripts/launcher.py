"""Runs the Go command that took a Python script's place.

The command is the one on PATH, or the one that `go install` left in GOBIN or
GOPATH/bin, or else one that is built from this clone. It takes over the process
(`go run` would not do: it turns every exit status into 1), so arguments, working
directory, streams, signals and exit status are its own.
"""
import os
import shutil
import subprocess
import sys

CLONE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def launch(tool):
    command = installed(tool) or build(tool)
    arguments = [command] + sys.argv[1:]
    if os.name == "nt":  # where exec would not wait
        sys.exit(subprocess.call(arguments))
    os.execv(command, arguments)


def installed(tool):
    gopath = os.environ.get("GOPATH") or os.path.join(os.path.expanduser("~"), "go")
    directories = [os.path.join(path, "bin") for path in gopath.split(os.pathsep)]
    directories.insert(0, os.environ.get("GOBIN", ""))
    return shutil.which(tool) or shutil.which(tool, path=os.pathsep.join(filter(None, directories)))


def build(tool):
    if not shutil.which("go"):
        sys.exit("%s is not installed, and there is no go on PATH to build it with: "
                 "install Go from https://go.dev/dl/" % tool)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    target = os.path.join(cache, "senior-backend-toolkit", tool + (".exe" if os.name == "nt" else ""))
    fresh = "%s.%d" % (target, os.getpid())
    os.makedirs(os.path.dirname(target), exist_ok=True)
    environment = dict(os.environ, GOWORK=os.path.join(CLONE, "go.work"))
    command = ["go", "build", "-o", fresh, "./" + tool]
    if not readable_by_git():  # a clone of somebody else, for one: then go build would refuse too
        command.insert(2, "-buildvcs=false")
    if subprocess.call(command, cwd=CLONE, env=environment, stdout=sys.stderr):
        sys.exit(1)
    os.replace(fresh, target)  # another launcher may be starting the old one
    return target


def readable_by_git():
    git = shutil.which("git")
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return bool(git) and subprocess.call([git, "rev-parse"], cwd=CLONE, **silent) == 0
