<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- A module's page of httpd's manual, as a man page about its configuration.
     Parameters: version, name (of the man page). -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:str="http://exslt.org/strings" extension-element-prefixes="str">
<xsl:output method="text" encoding="US-ASCII"/>
<xsl:param name="version"/>
<xsl:param name="name"/>
<xsl:include href="common.xsl"/>

<xsl:template name="upper">
  <xsl:param name="text"/>
  <xsl:value-of select="translate($text, 'abcdefghijklmnopqrstuvwxyz',
                                  'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"/>
</xsl:template>

<xsl:template match="/modulesynopsis">
  <xsl:text>.\" SPDX-License-Identifier: Apache-2.0&#10;.TH </xsl:text>
  <xsl:call-template name="upper"><xsl:with-param name="text" select="$name"/></xsl:call-template>
  <xsl:value-of select="concat(' 5 &quot;&quot; &quot;', name, ' ', $version, '&quot;&#10;.nr HY 0&#10;.nh&#10;.ad l&#10;')"/>
  <xsl:value-of select="concat('.SH NAME&#10;', $name, ' \- configuration of ', name, '&#10;')"/>
  <xsl:text>.SH DESCRIPTION&#10;</xsl:text>
  <xsl:apply-templates select="summary/*"/>
  <xsl:apply-templates select="section"/>
  <xsl:text>.SH DIRECTIVES&#10;</xsl:text>
  <xsl:apply-templates select="directivesynopsis"/>
  <xsl:text>.SH FILES&#10;</xsl:text>
  <xsl:call-template name="file">
    <xsl:with-param name="path">/etc/apache2/mods-available/uptime_keys.conf</xsl:with-param>
    <xsl:with-param name="text">The configuration, in Debian.</xsl:with-param>
  </xsl:call-template>
  <xsl:call-template name="file">
    <xsl:with-param name="path">/etc/httpd/conf.d/uptime_keys.conf</xsl:with-param>
    <xsl:with-param name="text">The configuration, in Fedora and RHEL.</xsl:with-param>
  </xsl:call-template>
  <xsl:call-template name="file">
    <xsl:with-param name="path">/usr/share/uptime\-keys/examples/</xsl:with-param>
    <xsl:with-param name="text">Samples for each database, and for servers in front.</xsl:with-param>
  </xsl:call-template>
  <xsl:text>.SH SEE ALSO&#10;.BR uptime\-keys (1),&#10;.BR apache2 (8),&#10;.BR httpd (8)&#10;</xsl:text>
  <xsl:for-each select="seealso/module">
    <xsl:value-of select="concat('.PP&#10;', $httpd, 'mod/', ., '.html&#10;')"/>
  </xsl:for-each>
</xsl:template>

<xsl:template name="file">
  <xsl:param name="path"/>
  <xsl:param name="text"/>
  <xsl:value-of select="concat('.TP&#10;.I ', $path, '&#10;', $text, '&#10;')"/>
</xsl:template>

<!-- Sections and directives. -->

<xsl:template match="section">
  <xsl:text>.SH "</xsl:text>
  <xsl:call-template name="upper">
    <xsl:with-param name="text" select="normalize-space(title)"/>
  </xsl:call-template>
  <xsl:text>"&#10;</xsl:text>
  <xsl:apply-templates select="*[not(self::title)]"/>
</xsl:template>

<xsl:template match="directivesynopsis">
  <xsl:value-of select="concat('.SS ', name, '&#10;')"/>
  <xsl:call-template name="line"><xsl:with-param name="content"><xsl:apply-templates select="description/node()"/>.</xsl:with-param></xsl:call-template>
  <xsl:call-template name="item">
    <xsl:with-param name="title">Syntax:</xsl:with-param>
    <xsl:with-param name="value"><xsl:apply-templates select="syntax/node()"/></xsl:with-param>
  </xsl:call-template>
  <xsl:if test="default">
    <xsl:call-template name="item">
      <xsl:with-param name="title">Default:</xsl:with-param>
      <xsl:with-param name="value"><xsl:apply-templates select="default/node()"/></xsl:with-param>
    </xsl:call-template>
  </xsl:if>
  <xsl:call-template name="item">
    <xsl:with-param name="title">Context:</xsl:with-param>
    <xsl:with-param name="value"><xsl:call-template name="contexts"/></xsl:with-param>
  </xsl:call-template>
  <xsl:if test="override">
    <xsl:call-template name="item">
      <xsl:with-param name="title">Override:</xsl:with-param>
      <xsl:with-param name="value" select="string(override)"/>
    </xsl:call-template>
  </xsl:if>
  <xsl:apply-templates select="usage/*"/>
</xsl:template>

<xsl:template name="item">
  <xsl:param name="title"/>
  <xsl:param name="value"/>
  <xsl:value-of select="concat('.TP 10&#10;', $title, '&#10;')"/>
  <xsl:call-template name="line"><xsl:with-param name="content" select="$value"/></xsl:call-template>
</xsl:template>

<!-- One line, which roff does not take for a request. -->
<xsl:template name="line">
  <xsl:param name="content"/>
  <xsl:variable name="text" select="normalize-space($content)"/>
  <xsl:if test="starts-with($text, '.') or starts-with($text, &quot;'&quot;)">\&amp;</xsl:if>
  <xsl:value-of select="concat($text, '&#10;')"/>
</xsl:template>

<!-- Blocks. -->

<xsl:template match="p">
  <xsl:if test="preceding-sibling::*[not(self::title)] or not(parent::summary or parent::section)">
    <xsl:text>.PP&#10;</xsl:text>
  </xsl:if>
  <xsl:call-template name="line"><xsl:with-param name="content"><xsl:apply-templates/></xsl:with-param></xsl:call-template>
</xsl:template>

<xsl:template match="note">
  <xsl:apply-templates select="*[not(self::title)]"/>
</xsl:template>

<xsl:template match="example">
  <xsl:apply-templates select="highlight"/>
</xsl:template>

<xsl:template match="highlight">
  <xsl:variable name="text"><xsl:call-template name="code-text"/></xsl:variable>
  <xsl:text>.PP&#10;.RS 4&#10;.EX&#10;</xsl:text>
  <xsl:call-template name="escape"><xsl:with-param name="text" select="$text"/></xsl:call-template>
  <xsl:text>&#10;.EE&#10;.RE&#10;</xsl:text>
</xsl:template>

<xsl:template match="dl">
  <xsl:apply-templates select="dt | dd"/>
</xsl:template>

<xsl:template match="dt">
  <xsl:text>.TP&#10;</xsl:text>
  <xsl:call-template name="line"><xsl:with-param name="content"><xsl:apply-templates/></xsl:with-param></xsl:call-template>
</xsl:template>

<xsl:template match="dd">
  <xsl:call-template name="line"><xsl:with-param name="content"><xsl:apply-templates/></xsl:with-param></xsl:call-template>
</xsl:template>

<xsl:template match="ul | ol">
  <xsl:for-each select="li">
    <xsl:text>.IP \(bu 2&#10;</xsl:text>
    <xsl:call-template name="line"><xsl:with-param name="content"><xsl:apply-templates/></xsl:with-param></xsl:call-template>
  </xsl:for-each>
</xsl:template>

<!-- A row is an item: the first cell, and the others that say something. -->
<xsl:template match="table">
  <xsl:for-each select="tr[td]">
    <xsl:text>.TP&#10;</xsl:text>
    <xsl:call-template name="line"><xsl:with-param name="content"><xsl:apply-templates select="td[1]/node()"/></xsl:with-param></xsl:call-template>
    <xsl:call-template name="line"><xsl:with-param name="content">
      <xsl:for-each select="td[position() &gt; 1 and normalize-space(.)]">
        <xsl:if test="position() &gt; 1">; </xsl:if>
        <xsl:apply-templates/>
      </xsl:for-each>
    </xsl:with-param></xsl:call-template>
  </xsl:for-each>
</xsl:template>

<!-- Words. -->

<xsl:template match="code | strong | module | program">\fB<xsl:apply-templates/>\fR</xsl:template>
<xsl:template match="var | em">\fI<xsl:apply-templates/>\fR</xsl:template>
<xsl:template match="a"><xsl:apply-templates/></xsl:template>
<xsl:template match="br"><xsl:text> </xsl:text></xsl:template>
<xsl:template match="directive">\fB<xsl:call-template name="directive-name"/>\fR</xsl:template>

<xsl:template match="text()">
  <xsl:call-template name="escape"><xsl:with-param name="text" select="."/></xsl:call-template>
</xsl:template>

<xsl:template match="code//text()">
  <xsl:variable name="text"><xsl:call-template name="escape"><xsl:with-param name="text" select="."/></xsl:call-template></xsl:variable>
  <xsl:value-of select="str:replace($text, '-', '\-')"/>
</xsl:template>

<xsl:template name="escape">
  <xsl:param name="text"/>
  <xsl:variable name="plain" select="str:replace(str:replace($text, '\', '\e'), '&#8230;', '...')"/>
  <xsl:value-of select="str:replace($plain, '&#10;.', '&#10;\&amp;.')"/>
</xsl:template>
</xsl:stylesheet>
