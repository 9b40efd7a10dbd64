using System.Buffers;
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

    private readonly ReadOnlySequence<byte> _body;
    private readonly string? _contentType;

    private ApiAnswer(int status, in ReadOnlySequence<byte> body, string? contentType)
    {
        Status = status;
        _body = body;
        _contentType = contentType;
    }

    public int Status { get; }

    /// <summary>201 with what was made.</summary>
    public static ApiAnswer Created(JsonTextWriter json) => new(StatusCodes.Status201Created, json.Written, Json);

    /// <summary>200 with JSON text that is there already.</summary>
    public static ApiAnswer OfJson(ReadOnlyMemory<byte> json) => new(StatusCodes.Status200OK, new ReadOnlySequence<byte>(json), Json);

    public static implicit operator ApiAnswer(ApiError error) => new(error.Status, new ReadOnlySequence<byte>(error.ToBody()), error.ContentType);

    public static implicit operator ApiAnswer(JsonTextWriter json) => new(StatusCodes.Status200OK, json.Written, Json);

    public async Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        response.ContentType = _contentType;
        if (Status == StatusCodes.Status204NoContent)
            return;
        response.ContentLength = _body.Length;
        if (HttpMethods.IsHead(response.HttpContext.Request.Method))
            return;
        foreach (var piece in _body)
        {
            response.BodyWriter.Write(piece.Span);
            if (piece.Length >= PieceWriter.Most / 2)
                await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
        }
        await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
    }
}
