using Fn.Api.Store;
using Fn.Api.Triggers;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.Triggers;

public sealed class TriggerResolverTests(TestGateway gateway) : IClassFixture<TestGateway>, IAsyncLifetime
{
    private readonly RawClient _client = gateway.Client;
    private readonly TriggerResolver _resolver = gateway.Services.GetRequiredService<TriggerResolver>();
    private readonly string _name = Guid.NewGuid().ToString("N");
    private string _app = "";
    private string _function = "";
    private string _trigger = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = (await _client.PostAsync("/v2/apps", $$"""{"name":"{{_name}}"}"""))["id"]!;
        _function = (await _client.PostAsync("/v2/fns", $$"""{"app_id":"{{_app}}","name":"f","image":"i"}"""))["id"]!;
        _trigger = (await _client.PostAsync("/v2/triggers", $$"""{"app_id":"{{_app}}","fn_id":"{{_function}}","name":"t","type":"http","source":"/s"}"""))["id"]!;
        Assert.Equal(_function, (await _resolver.FindAsync(_name, "/s", Cancel))!.FunctionId);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task FindAsync_OtherSourceOrApp_IsNull()
    {
        Assert.Null(await _resolver.FindAsync(_name, "/s/", Cancel));
        Assert.Null(await _resolver.FindAsync(_name, "/S", Cancel));
        Assert.Null(await _resolver.FindAsync("none", "/s", Cancel));
        Assert.True(await _resolver.AppExistsAsync(_name, Cancel));
        Assert.False(await _resolver.AppExistsAsync("none", Cancel));
    }

    [Fact]
    public async Task FindAsync_SourceChanged_IsFoundThereAtOnce()
    {
        await _client.PutAsync("/v2/triggers/" + _trigger, """{"source":"/u"}""");
        Assert.Null(await _resolver.FindAsync(_name, "/s", Cancel));
        Assert.Equal(_function, (await _resolver.FindAsync(_name, "/u", Cancel))!.FunctionId);
    }

    [Theory]
    [InlineData("triggers")]
    [InlineData("fns")]
    [InlineData("apps")]
    public async Task FindAsync_TriggerFunctionOrAppDeleted_IsNullAtOnce(string kind)
    {
        await _client.DeleteAsync($"/v2/{kind}/" + kind switch { "triggers" => _trigger, "fns" => _function, _ => _app });
        Assert.Null(await _resolver.FindAsync(_name, "/s", Cancel));
    }

    [Fact]
    public async Task FindAsync_NotThereThenMade_IsFoundAtOnce()
    {
        var name = "later" + _name;
        Assert.Null(await _resolver.FindAsync(name, "/s", Cancel));
        Assert.False(await _resolver.AppExistsAsync(name, Cancel));
        var app = (await _client.PostAsync("/v2/apps", $$"""{"name":"{{name}}"}"""))["id"]!;
        Assert.True(await _resolver.AppExistsAsync(name, Cancel));
        Assert.Null(await _resolver.FindAsync(name, "/s", Cancel));
        var function = (await _client.PostAsync("/v2/fns", $$"""{"app_id":"{{app}}","name":"f","image":"i"}"""))["id"]!;
        await _client.PostAsync("/v2/triggers", $$"""{"app_id":"{{app}}","fn_id":"{{function}}","name":"t","type":"http","source":"/s"}""");
        Assert.Equal(function, (await _resolver.FindAsync(name, "/s", Cancel))!.FunctionId);
        await _client.DeleteAsync("/v2/apps/" + app);
        Assert.False(await _resolver.AppExistsAsync(name, Cancel));
    }

    [Fact]
    public async Task FindAsync_SomethingUntoldChanged_IsReadAgain()
    {
        var before = await _resolver.FindAsync(_name, "/s", Cancel);
        Assert.Same(before, await _resolver.FindAsync(_name, "/s", Cancel));
        gateway.Services.GetRequiredService<StoreChanges>().Raise(StoreChange.Everything);
        Assert.NotSame(before, await _resolver.FindAsync(_name, "/s", Cancel));
    }
}
