<%@ page contentType="application/json" import="java.util.*" %><%!
    // Answers with all that a servlet can see, as JSON.
    String quote(Object value) {
        return "\"" + String.valueOf(value).replace("\\", "\\\\")
            .replace("\"", "\\\"") + "\"";
    }
    void add(StringBuilder out, String name, Object value) {
        out.append(out.length() > 1 ? "," : "").append(quote(name))
            .append(":").append(quote(value));
    }
%><%
    // As an error document it has to say again which error that is, and has no
    // other way to know.
    if (request.getParameter("status") != null)
        response.setStatus(Integer.parseInt(request.getParameter("status")));
    StringBuilder environment = new StringBuilder("{");
    add(environment, "REMOTE_USER", request.getRemoteUser());
    add(environment, "AUTH_TYPE", request.getAuthType());
    for (String name : Collections.list(request.getHeaderNames()))
        add(environment, "HTTP_" + name.toUpperCase().replace('-', '_'),
            request.getHeader(name));
    for (String name : Collections.list(request.getAttributeNames()))
        add(environment, name, request.getAttribute(name));
    for (String name : List.of("UPTIME_KEY_ID", "UPTIME_TEAM"))
        if (request.getAttribute(name) != null)
            add(environment, name, request.getAttribute(name));
    out.print("{\"environment\":" + environment + "}}");
%>
