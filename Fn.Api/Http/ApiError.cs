using System.Buffers;
using Fn.Api.Json;

namespace Fn.Api.Http;

/// <summary>An expected failure: a status and the message every client shows.</summary>
internal sealed record ApiError(int Status, string Message)
{
    public static readonly ApiError InvalidJson = new(StatusCodes.Status400BadRequest, "Invalid JSON") { ContentType = ApiAnswer.PlainText };

    public static readonly ApiError Internal = new(StatusCodes.Status500InternalServerError, "internal server error");

    public string ContentType { get; init; } = ApiAnswer.Json;

    public Task WriteAsync(HttpResponse response) => ((ApiAnswer)this).WriteAsync(response);

    /// <summary><c>{"message":"..."}</c> and a line feed.</summary>
    public ReadOnlyMemory<byte> ToBody()
    {
        var json = new JsonTextWriter();
        json.StartObject();
        json.Field("message", Message);
        json.EndObject();
        return (byte[])[.. json.Written.ToArray(), (byte)'\n'];
    }
}
