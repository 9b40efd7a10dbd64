using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.OpenApi;

public sealed partial class OpenApiTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private readonly RawClient _client = gateway.Client;

    [Fact]
    public async Task Document_Operations_AreTheRoutesThatAreMapped()
    {
        var document = (await _client.GetAsync("/openapi/v2.json")).Json;
        var documented = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));
        var mapped = gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => (Path: endpoint.RoutePattern.RawText ?? "", Methods: endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []))
            .Where(route => route.Path is "/version" || route.Path.StartsWith("/v2", StringComparison.Ordinal) || route.Path.StartsWith("/invoke", StringComparison.Ordinal))
            .SelectMany(route => route.Methods.Select(method => $"{method} {route.Path.Replace("**", "", StringComparison.Ordinal)}"));
        Assert.Equal(mapped.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Document_Schemas_HaveTheFieldsOfAnswers()
    {
        var schemas = (await _client.GetAsync("/openapi/v2.json")).Json.GetProperty("components").GetProperty("schemas");
        var app = await _client.PostAsync("/v2/apps", """{"name":"all","config":{"a":"b"},"annotations":{"a":1},"syslog_url":"udp://x","shape":"GENERIC_X86"}""");
        var function = await _client.PostAsync("/v2/fns", $$"""{"app_id":"{{app["id"]}}","name":"f","image":"i","format":"http","min_hot":1}""");
        var trigger = await _client.PostAsync("/v2/triggers", $$"""{"app_id":"{{app["id"]}}","fn_id":"{{function["id"]}}","name":"t","type":"http","source":"/t"}""");
        foreach (var (name, answer) in new[] { ("App", app), ("Fn", function), ("Trigger", trigger) })
            Assert.Equal(Names(answer.Json), Names(schemas.GetProperty(name).GetProperty("properties")));
        Assert.Equal(["message"], Names((await _client.GetAsync("/v2/apps/none")).Json));
    }

    [Fact]
    public async Task Document_References_AllLeadSomewhere()
    {
        var answer = await _client.GetAsync("/openapi/v2.json");
        var schemas = Names(answer.Json.GetProperty("components").GetProperty("schemas")).ToHashSet();
        var used = Reference().Matches(answer.Body).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.NotEmpty(used);
        Assert.Subset(schemas, used);
    }

    [Fact]
    public async Task Docs_Page_LoadsNothingFromElsewhere()
    {
        var answer = await _client.GetAsync("/docs");
        if (answer.Status is 301 or 302)
        {
            Assert.Equal("docs/", answer.Header("Location")!.TrimStart('/'));
            answer = await _client.GetAsync("/docs/");
        }
        Assert.Equal((200, true), (answer.Status, answer.Header("Content-Type")!.StartsWith("text/html", StringComparison.Ordinal)));
        Assert.Matches("\"title\":\\s*\"Fn v2\",\\s*\"url\":\\s*\"openapi/v2.json\"", answer.Body);
        var sources = Source().Matches(answer.Body).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(sources);
        foreach (var source in sources)
        {
            Assert.DoesNotContain("//", source, StringComparison.Ordinal);
            Assert.Equal(200, (await _client.GetAsync(source.StartsWith('/') ? source : "/docs/" + source)).Status);
        }
    }

    [Fact]
    public async Task DocumentAndDocs_GatewayWithTokens_AreOpen()
    {
        await using var own = await TestGateway.StartedAsync("--Fn:Api:Tokens=secret");
        Assert.Equal(200, (await own.Client.GetAsync("/openapi/v2.json")).Status);
        Assert.NotEqual(401, (await own.Client.GetAsync("/docs")).Status);
        Assert.Equal(401, (await own.Client.GetAsync("/v2/apps")).Status);
    }

    private static IEnumerable<string> Names(JsonElement json) => json.EnumerateObject().Select(field => field.Name);

    [GeneratedRegex("\"#/components/schemas/([A-Za-z]+)\"")]
    private static partial Regex Reference();

    [GeneratedRegex("<script[^>]* src=\"([^\"]+)\"")]
    private static partial Regex Source();
}
