using Fn.Api.Invocation;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.Functions;

public sealed class FunctionResolverTests(TestGateway gateway) : IClassFixture<TestGateway>, IAsyncLifetime
{
    private readonly RawClient _client = gateway.Client;
    private readonly IFunctionResolver _resolver = gateway.Services.GetRequiredService<IFunctionResolver>();
    private readonly string _name = Guid.NewGuid().ToString("N");
    private string _app = "";
    private string _function = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = (await _client.PostAsync("/v2/apps", $$$"""{"name":"{{{_name}}}","config":{"a":"app","b":"app"},"annotations":{"x":"app","y":1}}"""))["id"]!;
        _function = (await _client.PostAsync(
            "/v2/fns",
            $$$"""{"app_id":"{{{_app}}}","name":"f","image":"i","format":"http","memory":64,"timeout":5,"idle_timeout":6,"config":{"b":"fn"},"annotations":{"x":"fn"}}"""))["id"]!;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task ResolveAsync_Function_HasItsAppsSettingsUnderItsOwn()
    {
        var spec = (await _resolver.ResolveAsync(_function, Cancel))!;
        Assert.Equal((_function, "f", _app, _name), (spec.FunctionId, spec.FunctionName, spec.AppId, spec.AppName));
        Assert.Equal(("i", "http", 64, 5, 6), (spec.Image, spec.Format, spec.MemoryMiB, spec.TimeoutSeconds, spec.IdleTimeoutSeconds));
        Assert.Equal(new Dictionary<string, string> { ["a"] = "app", ["b"] = "fn" }, spec.Config);
        Assert.Equal(new Dictionary<string, string> { ["x"] = "\"fn\"", ["y"] = "1" }, spec.Annotations);
    }

    [Fact]
    public async Task ResolveAsync_Unknown_IsNull() => Assert.Null(await _resolver.ResolveAsync("none", Cancel));

    [Fact]
    public async Task ResolveAsync_NothingWritten_IsTheSameObject()
    {
        var spec = await _resolver.ResolveAsync(_function, Cancel);
        await _client.PostAsync("/v2/apps", $$"""{"name":"{{Guid.NewGuid():N}}"}""");
        Assert.Same(spec, await _resolver.ResolveAsync(_function, Cancel));
    }

    [Fact]
    public async Task ResolveAsync_FunctionUpdated_IsNewAtOnce()
    {
        await _resolver.ResolveAsync(_function, Cancel);
        await _client.PutAsync("/v2/fns/" + _function, """{"image":"j"}""");
        Assert.Equal("j", (await _resolver.ResolveAsync(_function, Cancel))!.Image);
    }

    [Fact]
    public async Task ResolveAsync_AppUpdated_IsNewAtOnce()
    {
        await _resolver.ResolveAsync(_function, Cancel);
        await _client.PutAsync("/v2/apps/" + _app, """{"config":{"a":"changed"}}""");
        Assert.Equal("changed", (await _resolver.ResolveAsync(_function, Cancel))!.Config["a"]);
    }

    [Theory]
    [InlineData("/v2/fns/")]
    [InlineData("/v2/apps/")]
    public async Task ResolveAsync_FunctionOrAppDeleted_IsNullAtOnce(string path)
    {
        await _resolver.ResolveAsync(_function, Cancel);
        await _client.DeleteAsync(path + (path == "/v2/fns/" ? _function : _app));
        Assert.Null(await _resolver.ResolveAsync(_function, Cancel));
    }
}
