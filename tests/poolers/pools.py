# SPDX-License-Identifier: Apache-2.0
"""What stands between httpd and PostgreSQL: PgBouncer, Pgpool-II, Odyssey and
HAProxy, of several Debian releases, each in a private folder."""

import contextlib
import signal
import subprocess

import psycopg2
from harness import environment, servers
from harness.servers import free_port
from pooler_packages import unpacked

DATABASE = "postgres"
ADMIN = "admin"             # the role that PostgresServer creates
SIZE = 6                    # server sessions of a pool
CHILDREN = 96               # of Pgpool-II: more than connections to it
LIFETIME = 2                # seconds until one is replaced


class Pooler(servers.Server):
    """Listens on TCP, at the port of this object."""

    packages = ()
    program = None
    releases = {}           # of Debian, and the version that it has

    def __init__(self, release, nodes, **settings):
        self.release = release
        self.nodes = nodes
        self.settings = settings
        self.port = None
        super().__init__()

    def __str__(self):
        return f"{self.name} {self.version()}"

    def make(self):
        """There is nothing to initialise."""

    def run_by(self, *arguments):
        return [*unpacked(self.release, *self.packages).command(self.program),
                *arguments]

    def version(self):
        """As the program itself tells it, such as 1.18.0."""
        done = subprocess.run(
            [str(part) for part in self.run_by("--version")], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return next((word for word in done.stdout.split()
                     if word[0].isdigit()), done.stdout)

    def configure(self, name, text):
        path = self.folder / name
        path.write_text(text)
        environment.give_to_ordinary_user(path)
        return path

    def connect(self, dbname=DATABASE, user=ADMIN, **options):
        connection = psycopg2.connect(
            host="127.0.0.1", port=self.port, user=user, dbname=dbname,
            connect_timeout=5, **options)
        connection.autocommit = True
        return connection


class PgBouncer(Pooler):
    name = "pgbouncer"
    packages = ("pgbouncer",)
    program = "/usr/sbin/pgbouncer"
    stop_signal = signal.SIGKILL    # others wait for clients

    def __init__(self, release, nodes, mode="transaction", users=(ADMIN,),
                 **settings):
        self.mode = mode
        self.users = list(users)
        super().__init__(release, nodes, **settings)

    def command(self):
        self._write_users()
        settings = {
            "listen_addr": "127.0.0.1", "listen_port": self.port,
            "unix_socket_dir": "", "auth_type": "trust",
            "auth_file": self.folder / "users", "admin_users": ADMIN,
            "pool_mode": self.mode, "default_pool_size": SIZE,
            "max_client_conn": 500,
            # A RECONNECT may meet a login, which fails then: see rotate().
            "server_login_retry": 0,
            # What psqlodbc sends.
            "ignore_startup_parameters": "extra_float_digits",
            **self.settings}
        node = self.nodes[0]
        lines = ["[databases]", f"* = host=127.0.0.1 port={node.port}",
                 "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in settings.items()]
        return self.run_by(self.configure("pgbouncer.ini",
                                          "\n".join(lines) + "\n"))

    def _write_users(self):
        self.configure("users", "".join(f'"{user}" ""\n'
                                        for user in self.users))

    def answers(self):
        try:
            return bool(self.ask("SHOW VERSION"))
        except psycopg2.Error:
            return False

    def ask(self, command):
        """Run a command of the console; the rows, as dictionaries."""
        with contextlib.closing(self.connect("pgbouncer")) as console:
            cursor = console.cursor()
            cursor.execute(command)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row))
                    for row in (cursor.fetchall() if names else ())]

    def rotate(self):
        """Replace each server session as soon as it is free.  Not while one
        is being opened: it would fail, and for server_login_retry seconds
        clients would be refused."""
        if not any(int(pool["sv_login"]) for pool in self.ask("SHOW POOLS")):
            self.ask("RECONNECT")

    def wear_out(self):
        """From now on replace each server session after LIFETIME."""
        self.ask(f"SET server_lifetime = {LIFETIME}")


class Pgpool(Pooler):
    """In front of a primary and its standby, with the weights that let only
    the standby answer what may be balanced."""

    name = "pgpool"
    packages = ("pgpool2",)
    program = "/usr/sbin/pgpool"
    stop_signal = signal.SIGINT
    # Now and then one that is in the middle of a failover does not end.
    stop_seconds = 20
    must_end = False

    def __init__(self, release, nodes, **settings):
        self.control_port = free_port()
        super().__init__(release, nodes, **settings)

    def command(self):
        sockets = ("socket_dir" if self.release == "bookworm"
                   else "unix_socket_directories")
        settings = {
            "backend_clustering_mode": "streaming_replication",
            "listen_addresses": "127.0.0.1", "port": self.port,
            "pcp_listen_addresses": "127.0.0.1",
            "pcp_port": self.control_port, sockets: self.folder,
            "pcp_socket_dir": self.folder, "wd_ipc_socket_dir": self.folder,
            "pid_file_name": self.folder / "pid", "logdir": self.folder,
            "num_init_children": CHILDREN, "max_pool": 2,
            "sr_check_user": ADMIN, "sr_check_database": DATABASE,
            "health_check_user": ADMIN}
        for number, node in enumerate(self.nodes):
            settings |= {
                f"backend_hostname{number}": "127.0.0.1",
                f"backend_port{number}": node.port,
                f"backend_weight{number}": 1 if number else 0,
                f"backend_data_directory{number}": node.data}
        settings |= self.settings
        conf = self.configure("pgpool.conf", "".join(
            f"{name} = '{value}'\n" for name, value in settings.items()))
        hba = self.configure("pool_hba.conf", "host all all all trust\n")
        return self.run_by("-n", "-f", conf, "-a", hba,
                           "-F", self.configure("pcp.conf", ""))

    def _start_once(self):
        # Left behind by one that was killed, it would refuse to start.
        (self.folder / "pid").unlink(missing_ok=True)
        return super()._start_once()

    def answers(self):
        """Whether it serves, and knows the primary."""
        try:
            with contextlib.closing(self.connect()) as connection:
                cursor = connection.cursor()
                cursor.execute("SHOW POOL_NODES")
                return [row[6] for row in cursor.fetchall()] == [
                    "primary", "standby"][:len(self.nodes)]
        except psycopg2.Error:
            return False


class Odyssey(Pooler):
    name = "odyssey"
    packages = ("odyssey",)
    program = "/usr/bin/odyssey"
    stop_signal = signal.SIGKILL    # others wait for clients

    def __init__(self, release, nodes, mode="transaction", **settings):
        self.mode = mode
        super().__init__(release, nodes, **settings)

    def command(self):
        pool = "".join(f"        {name} {value}\n"
                       for name, value in self.settings.items())
        return self.run_by(self.configure("odyssey.conf", f"""
daemonize no
pid_file "{self.folder}/pid"
locks_dir "{self.folder}"
log_to_stdout yes
log_format "%p %t %l [%i %s] (%c) %m\\n"
workers 1
resolvers 1
coroutine_stack_size 16
listen {{
    host "127.0.0.1"
    port {self.port}
}}
storage "one" {{
    type "remote"
    host "127.0.0.1"
    port {self.nodes[0].port}
}}
database default {{
    user default {{
        authentication "none"
        storage "one"
        pool "{self.mode}"
        pool_size {SIZE}
{pool}    }}
}}
"""))


class HAProxy(Pooler):
    """Gives its servers connections in turn."""

    name = "haproxy"
    packages = ("haproxy",)
    program = "/usr/sbin/haproxy"

    def command(self):
        lines = [f"    server s{number} 127.0.0.1:{node.port}"
                 for number, node in enumerate(self.nodes)]
        return self.run_by("-db", "-f", self.configure("haproxy.cfg", f"""
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
listen keys
    bind 127.0.0.1:{self.port}
""" + "\n".join(lines) + "\n"))
