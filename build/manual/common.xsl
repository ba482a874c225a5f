<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- What the HTML and the man page have in common. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

<!-- httpd's own manual. -->
<xsl:variable name="httpd">https://httpd.apache.org/docs/2.4/</xsl:variable>

<xsl:template name="lower">
  <xsl:param name="text"/>
  <xsl:value-of select="translate($text, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
                                  'abcdefghijklmnopqrstuvwxyz')"/>
</xsl:template>

<!-- "server config, virtual host" -->
<xsl:template name="contexts">
  <xsl:for-each select="contextlist/context">
    <xsl:if test="position() &gt; 1">, </xsl:if>
    <xsl:value-of select="."/>
  </xsl:for-each>
</xsl:template>

<xsl:template name="directive-name">
  <xsl:choose>
    <xsl:when test="@type = 'section'">
      <xsl:value-of select="concat('&lt;', ., '&gt;')"/>
    </xsl:when>
    <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<xsl:template name="directive-link">
  <xsl:variable name="anchor">
    <xsl:call-template name="lower"><xsl:with-param name="text" select="."/></xsl:call-template>
  </xsl:variable>
  <xsl:if test="@module != /modulesynopsis/name">
    <xsl:value-of select="concat($httpd, 'mod/', @module, '.html')"/>
  </xsl:if>
  <xsl:value-of select="concat('#', $anchor)"/>
</xsl:template>

<!-- The text of an example without the line breaks and blanks around it. -->
<xsl:template name="code-text">
  <xsl:call-template name="without-end">
    <xsl:with-param name="text" select="substring-after(., '&#10;')"/>
  </xsl:call-template>
</xsl:template>

<xsl:template name="without-end">
  <xsl:param name="text"/>
  <xsl:variable name="last" select="substring($text, string-length($text))"/>
  <xsl:choose>
    <xsl:when test="$last = ' ' or $last = '&#10;'">
      <xsl:call-template name="without-end">
        <xsl:with-param name="text"
            select="substring($text, 1, string-length($text) - 1)"/>
      </xsl:call-template>
    </xsl:when>
    <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
  </xsl:choose>
</xsl:template>
</xsl:stylesheet>
