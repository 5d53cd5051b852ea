"""Python stubs of the published API, made from the proto with grpcio-tools once a run."""

import atexit
import functools
import pathlib
import shutil
import sys
import tempfile

from flosync_testing import ROOT


@functools.cache
def generated_stubs():
    """The directory that holds them."""
    from grpc_tools import protoc
    out = pathlib.Path(tempfile.mkdtemp(prefix="flosync-stubs-"))
    atexit.register(shutil.rmtree, out, ignore_errors=True)
    protos = [str(path) for path in (ROOT / "proto" / "flosync" / "v1").glob("*.proto")]
    well_known = pathlib.Path(protoc.__file__).parent / "_proto"
    code = protoc.main(["protoc", f"-I{ROOT / 'proto'}", f"-I{well_known}", f"--python_out={out}", f"--grpc_python_out={out}",
                        *protos])
    assert code == 0, "protoc failed"
    return out


def import_stubs():
    """Makes `flosync.v1` importable."""
    if str(generated_stubs()) not in sys.path:
        sys.path.insert(0, str(generated_stubs()))
