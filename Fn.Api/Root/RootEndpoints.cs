using System.Reflection;
using Fn.Api.Http;
using Fn.Api.Json;

namespace Fn.Api.Root;

/// <summary>What a client finds without knowing anything: the greeting and the version.</summary>
internal static class RootEndpoints
{
    private static readonly string Version = ReadVersion();

    public static void MapRoot(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/", [HttpMethods.Get], (RequestDelegate)GreetAsync);
        routes.MapApi(HttpMethods.Get, "/version", _ => Answer(("version", Version)));
    }

    /// <summary>Whether a browser asks, to show it.</summary>
    public static bool IsForPeople(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>People are shown the dashboard, programs what the original answers.</summary>
    private static async Task GreetAsync(HttpContext context)
    {
        if (IsForPeople(context.Request))
            context.Response.Redirect("/dashboard/");
        else
            await (await Answer(("goto", "https://github.com/fnproject/fn"), ("hello", "world!"))).WriteAsync(context.Response);
    }

    private static Task<ApiAnswer> Answer(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var json = new JsonTextWriter();
        json.StartObject();
        foreach (var (name, value) in fields)
            json.Field(name, value);
        json.EndObject();
        return Task.FromResult<ApiAnswer>(json);
    }

    // The informational version carries the commit behind a plus sign; clients compare the part before it.
    private static string ReadVersion()
    {
        var version = typeof(RootEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        var plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? version : version[..plus];
    }
}
