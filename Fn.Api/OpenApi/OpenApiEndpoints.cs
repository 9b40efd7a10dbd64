using Fn.Api.Http;
using Scalar.AspNetCore;

namespace Fn.Api.OpenApi;

/// <summary>
/// <c>/openapi/v2.json</c>, and <c>/docs</c> to read it in a browser. The document is written by hand as the API is a contract: handlers read and write its
/// JSON themselves, so nothing could be generated from their types. Tests hold it to the routes and to the answers.
/// </summary>
internal static class OpenApiEndpoints
{
    public const string DocumentPath = "/openapi/v2.json";

    private const string DocsPath = "/docs";

    public static void MapOpenApi(this IEndpointRouteBuilder routes)
    {
        var document = ReadDocument();
        routes.MapApi(HttpMethods.Get, DocumentPath, _ => Task.FromResult(ApiAnswer.OfJson(document)));
        // Scripts come with the gateway: nothing is loaded from another site, and nothing is told one.
        routes.MapScalarApiReference(DocsPath, options =>
        {
            options.Title = "Fn";
            options.AddDocument("v2", "Fn v2", DocumentPath);
            options.DefaultFonts = false;
            options.Telemetry = false;
        }).WithMetadata(KeepsSlash.Instance);
    }

    private static byte[] ReadDocument()
    {
        using var resource = typeof(OpenApiEndpoints).Assembly.GetManifestResourceStream("openapi.v2.json")!;
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    }
}
