"""with_mariadb.py COMMAND...: starts a MariaDB server of its own, runs the command with REMIT_TEST_MARIADB set to the
server's port, stops the server, and ends as the command did."""

import shutil
import signal
import socket
import sys

from with_postgres import Server, run_with


class MariaDB(Server):
    stop_signal = signal.SIGTERM

    def create(self):
        install = shutil.which("mariadb-install-db")
        self.program = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/libexec")
        if install is None or self.program is None:
            sys.exit("with_mariadb: MariaDB's server is not installed (Debian: mariadb-server)")
        self.run([install, "--no-defaults", f"--datadir={self.folder}/data", "--auth-root-authentication-method=normal",
                  "--skip-test-db"])

    def command(self):
        return [self.program, "--no-defaults", f"--datadir={self.folder}/data", f"--port={self.port}",
                "--bind-address=127.0.0.1", f"--socket={self.folder}/s.sock", f"--pid-file={self.folder}/pid",
                "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--skip-name-resolve"]

    def ready(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def url(self):
        return str(self.port)


if __name__ == "__main__":
    sys.exit(run_with(MariaDB, "REMIT_TEST_MARIADB", __doc__))
