using Fn.Api.Json;

namespace Fn.Api.Http;

/// <summary>What a handler answers: all of it is known before the first byte is sent.</summary>
internal sealed class ApiAnswer
{
    public const string Json = "application/json; charset=utf-8";
    public const string PlainText = "text/plain; charset=utf-8";

    public static readonly ApiAnswer NoContent = new(StatusCodes.Status204NoContent, default, PlainText);

    /// <summary>410 without a body: what was served once.</summary>
    public static readonly ApiAnswer Gone = new(StatusCodes.Status410Gone, default, null);

    private readonly ReadOnlyMemory<byte> _body;
    private readonly string? _contentType;

    private ApiAnswer(int status, ReadOnlyMemory<byte> body, string? contentType)
    {
        Status = status;
        _body = body;
        _contentType = contentType;
    }

    public int Status { get; }

    /// <summary>201 with what was made.</summary>
    public static ApiAnswer Created(JsonTextWriter json) => new(StatusCodes.Status201Created, json.Written, Json);

    /// <summary>200 with JSON text that is there already.</summary>
    public static ApiAnswer OfJson(ReadOnlyMemory<byte> json) => new(StatusCodes.Status200OK, json, Json);

    public static implicit operator ApiAnswer(ApiError error) => new(error.Status, error.ToBody(), error.ContentType);

    public static implicit operator ApiAnswer(JsonTextWriter json) => new(StatusCodes.Status200OK, json.Written, Json);

    public async Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        response.ContentType = _contentType;
        if (Status == StatusCodes.Status204NoContent)
            return;
        response.ContentLength = _body.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
            await response.Body.WriteAsync(_body, response.HttpContext.RequestAborted);
    }
}
