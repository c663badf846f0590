"""Makes the helpers in Tests/PythonClient and Tests/Crash importable: import this first."""

import pathlib
import sys

for folder in ("PythonClient", "Crash"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))
