using System.Globalization;
using System.Text;

namespace Fn.Api.Invocation;

/// <summary>The contract's error body: <c>{"message":"…"}</c> and a newline, escaped as Go does it.</summary>
internal static class ErrorBody
{
    public static Task WriteAsync(HttpResponse response, int status, string message)
    {
        var bytes = Format(message);
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = bytes.Length;
        return response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted).AsTask();
    }

    internal static byte[] Format(string message)
    {
        var text = new StringBuilder(message.Length + 16).Append("{\"message\":\"");
        foreach (var rune in message.EnumerateRunes())
            Append(text, rune);
        return Encoding.UTF8.GetBytes(text.Append("\"}\n").ToString());
    }

    private static void Append(StringBuilder text, Rune rune)
    {
        switch (rune.Value)
        {
            case '"' or '\\':
                text.Append('\\').Append((char)rune.Value);
                break;
            case '\n':
                text.Append("\\n");
                break;
            case '\r':
                text.Append("\\r");
                break;
            case '\t':
                text.Append("\\t");
                break;
            case < 0x20 or '<' or '>' or '&' or 0x2028 or 0x2029:
                text.Append("\\u").Append(rune.Value.ToString("x4", CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(rune.ToString());
                break;
        }
    }
}
