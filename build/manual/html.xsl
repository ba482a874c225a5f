<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- A module's page of httpd's manual, as HTML. Parameters: version, style (the
     text of the style sheet). -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="UTF-8" doctype-system="about:legacy-compat"/>
<xsl:param name="version"/>
<xsl:param name="style"/>
<xsl:include href="common.xsl"/>

<xsl:template match="/modulesynopsis">
  <html lang="en">
    <head>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title><xsl:value-of select="name"/> - Apache HTTP Server</title>
      <style><xsl:value-of select="$style" disable-output-escaping="yes"/></style>
    </head>
    <body id="manual-page">
      <div id="page-header">
        <p class="menu">
          <a href="{$httpd}mod/">Modules</a> |
          <a href="{$httpd}mod/directives.html">Directives</a> |
          <a href="{$httpd}glossary.html">Glossary</a>
        </p>
        <p class="apache">Apache HTTP Server Version 2.4</p>
      </div>
      <div id="page-content">
        <div id="preamble">
          <h1>Apache Module <xsl:value-of select="name"/></h1>
          <xsl:call-template name="module-table"/>
          <h2 class="summary" id="summary">Summary</h2>
          <xsl:apply-templates select="summary/*"/>
        </div>
        <xsl:call-template name="quickview"/>
        <div id="sections">
          <xsl:apply-templates select="section"/>
          <xsl:apply-templates select="directivesynopsis"/>
        </div>
      </div>
      <div id="footer">
        <p><xsl:value-of select="concat(name, ' ', $version)"/>, licensed under the
        <a href="https://www.apache.org/licenses/LICENSE-2.0">Apache License, Version
        2.0</a>.</p>
      </div>
    </body>
  </html>
</xsl:template>

<!-- The tables above a module and above a directive. -->

<xsl:template name="module-table">
  <table class="module">
    <xsl:call-template name="row">
      <xsl:with-param name="title">Description</xsl:with-param>
      <xsl:with-param name="value"><xsl:apply-templates select="description/node()"/></xsl:with-param>
    </xsl:call-template>
    <xsl:call-template name="row">
      <xsl:with-param name="title">Status</xsl:with-param>
      <xsl:with-param name="value" select="string(status)"/>
    </xsl:call-template>
    <xsl:call-template name="row">
      <xsl:with-param name="title">Module Identifier</xsl:with-param>
      <xsl:with-param name="value" select="string(identifier)"/>
    </xsl:call-template>
    <xsl:call-template name="row">
      <xsl:with-param name="title">Source File</xsl:with-param>
      <xsl:with-param name="value" select="string(sourcefile)"/>
    </xsl:call-template>
    <xsl:call-template name="row">
      <xsl:with-param name="title">Compatibility</xsl:with-param>
      <xsl:with-param name="value"><xsl:apply-templates select="compatibility/node()"/></xsl:with-param>
    </xsl:call-template>
  </table>
</xsl:template>

<xsl:template name="directive-table">
  <table class="directive">
    <xsl:call-template name="row">
      <xsl:with-param name="title">Description</xsl:with-param>
      <xsl:with-param name="value"><xsl:apply-templates select="description/node()"/></xsl:with-param>
    </xsl:call-template>
    <tr><th>Syntax</th><td><code><xsl:apply-templates select="syntax/node()"/></code></td></tr>
    <xsl:if test="default">
      <tr><th>Default</th><td><code><xsl:apply-templates select="default/node()"/></code></td></tr>
    </xsl:if>
    <xsl:call-template name="row">
      <xsl:with-param name="title">Context</xsl:with-param>
      <xsl:with-param name="value"><xsl:call-template name="contexts"/></xsl:with-param>
    </xsl:call-template>
    <xsl:if test="override">
      <xsl:call-template name="row">
        <xsl:with-param name="title">Override</xsl:with-param>
        <xsl:with-param name="value" select="string(override)"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:call-template name="row">
      <xsl:with-param name="title">Status</xsl:with-param>
      <xsl:with-param name="value" select="string(/modulesynopsis/status)"/>
    </xsl:call-template>
    <xsl:call-template name="row">
      <xsl:with-param name="title">Module</xsl:with-param>
      <xsl:with-param name="value" select="string(/modulesynopsis/name)"/>
    </xsl:call-template>
    <xsl:if test="compatibility">
      <xsl:call-template name="row">
        <xsl:with-param name="title">Compatibility</xsl:with-param>
        <xsl:with-param name="value"><xsl:apply-templates select="compatibility/node()"/></xsl:with-param>
      </xsl:call-template>
    </xsl:if>
  </table>
</xsl:template>

<xsl:template name="row">
  <xsl:param name="title"/>
  <xsl:param name="value"/>
  <tr><th><xsl:value-of select="$title"/></th><td><xsl:copy-of select="$value"/></td></tr>
</xsl:template>

<!-- The lists beside the summary. -->

<xsl:template name="quickview">
  <div id="quickview">
    <h2>Topics</h2>
    <ul>
      <xsl:for-each select="section">
        <li><a href="#{@id}"><xsl:value-of select="title"/></a></li>
      </xsl:for-each>
    </ul>
    <h2>Directives</h2>
    <ul>
      <xsl:for-each select="directivesynopsis">
        <li><a>
          <xsl:attribute name="href">#<xsl:call-template name="lower"><xsl:with-param name="text" select="name"/></xsl:call-template></xsl:attribute>
          <xsl:value-of select="name"/>
        </a></li>
      </xsl:for-each>
    </ul>
    <xsl:if test="seealso">
      <h2>See also</h2>
      <ul><xsl:apply-templates select="seealso"/></ul>
    </xsl:if>
  </div>
</xsl:template>

<xsl:template match="seealso">
  <li><xsl:apply-templates/></li>
</xsl:template>

<!-- Sections and directives. -->

<xsl:template name="to-top">
  <p class="top"><a href="#page-header" title="top">&#9650; top</a></p>
</xsl:template>

<xsl:template match="/modulesynopsis/section">
  <xsl:call-template name="to-top"/>
  <div class="section">
    <h2 id="{@id}"><xsl:apply-templates select="title/node()"/></h2>
    <xsl:apply-templates select="*[not(self::title)]"/>
  </div>
</xsl:template>

<xsl:template match="section/section">
  <h3 id="{@id}"><xsl:apply-templates select="title/node()"/></h3>
  <xsl:apply-templates select="*[not(self::title)]"/>
</xsl:template>

<xsl:template match="directivesynopsis">
  <xsl:call-template name="to-top"/>
  <div class="directive-section">
    <h2>
      <xsl:attribute name="id"><xsl:call-template name="lower"><xsl:with-param name="text" select="name"/></xsl:call-template></xsl:attribute>
      <xsl:value-of select="name"/> Directive
    </h2>
    <xsl:call-template name="directive-table"/>
    <xsl:apply-templates select="usage/*"/>
    <xsl:if test="seealso">
      <h3>See also</h3>
      <ul><xsl:apply-templates select="seealso"/></ul>
    </xsl:if>
  </div>
</xsl:template>

<!-- Blocks. -->

<xsl:template match="note">
  <div>
    <xsl:attribute name="class"><xsl:choose>
      <xsl:when test="@type"><xsl:value-of select="@type"/></xsl:when>
      <xsl:otherwise>note</xsl:otherwise>
    </xsl:choose></xsl:attribute>
    <xsl:apply-templates/>
  </div>
</xsl:template>

<xsl:template match="example">
  <div class="example"><xsl:apply-templates/></div>
</xsl:template>

<xsl:template match="note/title | example/title">
  <h3><xsl:apply-templates/></h3>
</xsl:template>

<xsl:template match="highlight">
  <pre class="lang-{@language}"><xsl:call-template name="code-text"/></pre>
</xsl:template>

<xsl:template match="table">
  <div class="wide"><table class="bordered"><xsl:apply-templates select="tr"/></table></div>
</xsl:template>

<!-- Links. -->

<xsl:template match="directive">
  <xsl:variable name="name"><xsl:call-template name="directive-name"/></xsl:variable>
  <code class="directive"><a>
    <xsl:attribute name="href"><xsl:call-template name="directive-link"/></xsl:attribute>
    <xsl:value-of select="$name"/>
  </a></code>
</xsl:template>

<xsl:template match="module">
  <code class="module"><a href="{$httpd}mod/{.}.html"><xsl:value-of select="."/></a></code>
</xsl:template>

<!-- The same in HTML. -->
<xsl:template match="p | ul | ol | li | dl | dt | dd | tr | th | td | code | em
                     | strong | var | br | a">
  <xsl:element name="{name()}">
    <xsl:copy-of select="@href | @id"/>
    <xsl:apply-templates/>
  </xsl:element>
</xsl:template>
</xsl:stylesheet>
