# SPDX-License-Identifier: Apache-2.0
"""The C++ runner as a process that answers one command at a time."""
import subprocess


class Runner:
    """A network loaded by the runner program: run() gives milliseconds, save() writes the outputs."""  # noqa: E501

    def __init__(self, program, model, batch, threads, input_path, number_format="float32"):
        self.process = subprocess.Popen([program, model, str(batch), str(threads), input_path, number_format],  # noqa: E501
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{program} cannot run {model}")

    def _ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def run(self):
        return float(self._ask("run"))

    def save(self, path):
        self._ask("save " + path)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
