using Xunit;

namespace Fn.Tests.Api.Http;

public sealed class ListPageTests(TestGateway gateway) : IClassFixture<TestGateway>, IAsyncLifetime
{
    private readonly RawClient _client = gateway.Client;

    public async ValueTask InitializeAsync()
    {
        if ((await _client.GetAsync("/v2/apps")).Json.GetProperty("items").GetArrayLength() > 0)
            return;
        for (var i = 0; i < 105; i++)
            Assert.Equal(200, (await _client.PostAsync("/v2/apps", $$"""{"name":"app{{i:000}}"}""")).Status);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("", 30)]
    [InlineData("?per_page=", 30)]
    [InlineData("?per_page=0", 30)]
    [InlineData("?per_page=-5", 30)]
    [InlineData("?per_page=many", 30)]
    [InlineData("?per_page=1.5", 30)]
    [InlineData("?per_page=1", 1)]
    [InlineData("?per_page=%2B2", 2)]
    [InlineData("?per_page=100", 100)]
    [InlineData("?per_page=101", 100)]
    [InlineData("?per_page=99999999999", 100)]
    public async Task PerPage_AnyValue_GivesThatMany(string query, int expected) =>
        Assert.Equal(expected, (await _client.GetAsync("/v2/apps" + query)).Json.GetProperty("items").GetArrayLength());

    [Fact]
    public async Task Cursor_IsUnpaddedUrlSafeBase64OfTheLastName()
    {
        var answer = await _client.GetAsync("/v2/apps?per_page=1");
        Assert.Equal("YXBwMDAw", answer["next_cursor"]);
        Assert.StartsWith("""{"next_cursor":"YXBwMDAw","items":[{"id":""", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cursor_Followed_GivesEveryNameOnceInOrder()
    {
        var names = new List<string>();
        var cursor = "";
        while (cursor is not null)
        {
            var page = (await _client.GetAsync($"/v2/apps?per_page=50&cursor={cursor}")).Json;
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(app => app.GetProperty("name").GetString()!));
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        Assert.Equal(Enumerable.Range(0, 105).Select(i => $"app{i:000}"), names);
    }

    [Fact]
    public async Task Cursor_PageExactlyFull_IsGivenThoughTheNextIsEmpty()
    {
        var last = (await _client.GetAsync("/v2/apps?name=app007&per_page=1"))["next_cursor"];
        var next = await _client.GetAsync($"/v2/apps?name=app007&per_page=1&cursor={last}");
        Assert.Equal("""{"items":[]}""", next.Body);
    }

    [Theory]
    [InlineData("!")]
    [InlineData("YQ==")]
    [InlineData("a")]
    [InlineData("%20YQ")]
    public async Task Cursor_NotGivenOutByAList_Is500(string cursor)
    {
        var answer = await _client.GetAsync($"/v2/apps?cursor={cursor}");
        Assert.Equal((500, "{\"message\":\"internal server error\"}\n"), (answer.Status, answer.Body));
    }
}
