# SPDX-License-Identifier: Apache-2.0
"""Tomcat, with one page."""

import shutil

from beside import APPS, Application
from packages import TOMCAT_DEBS

SERVER = """
<Server port="-1">
  <Service name="Catalina">
    <Connector protocol="AJP/1.3" address="127.0.0.1" port="{port}"
               secret="{secret}" tomcatAuthentication="false"
               allowedRequestAttributesPattern="UPTIME_.*" />
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false" />
    </Engine>
  </Service>
</Server>
"""
WEB = """
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <servlet>
    <servlet-name>environ</servlet-name>
    <jsp-file>/environ.jsp</jsp-file>
  </servlet>
  <servlet-mapping>
    <servlet-name>environ</servlet-name>
    <url-pattern>/*</url-pattern>
  </servlet-mapping>
</web-app>
"""


class Tomcat(Application):
    name = "tomcat"
    debs = TOMCAT_DEBS
    SECRET = "between-the-two"

    def make(self):
        app = self.folder / "webapps" / "app"
        for folder in (app / "WEB-INF", self.folder / "conf",
                       self.folder / "logs", self.folder / "temp"):
            folder.mkdir(parents=True)
        shutil.copy(APPS / "environ.jsp", app)
        (app / "WEB-INF" / "web.xml").write_text(WEB)
        shutil.copy(self.debs.root / "usr/share/tomcat10/etc/web.xml",
                    self.folder / "conf")
        self.run("true")

    def command(self):
        (self.folder / "conf" / "server.xml").write_text(
            SERVER.format(port=self.port, secret=self.SECRET))
        home = self.debs.root / "usr/share/tomcat10"
        jars = [*(home / "bin").glob("*.jar"),      # and the compiler
                *(self.debs.root / "usr/share/java").glob("*eclipse*.jar")]
        return [self.debs.root / JAVA, "-Xmx128m", "-XX:TieredStopAtLevel=1",
                "-cp", ":".join(map(str, jars)),
                f"-Dcatalina.home={home}", f"-Dcatalina.base={self.folder}",
                f"-Djava.io.tmpdir={self.folder}/temp",
                "org.apache.catalina.startup.Bootstrap", "start"]

    def answers(self):
        """It accepts connections before it knows its application."""
        return "Server startup in" in self.log()


JAVA = "usr/lib/jvm/java-17-openjdk-amd64/bin/java"
