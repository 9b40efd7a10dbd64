using Xunit;

namespace Fn.Tests.EndToEnd;

public sealed class FirstCallTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Call_FirstThenSecond_IsColdThenHot(int runners)
    {
        await using var platform = await Platform.StartAsync(runners);
        var id = await platform.CreateFaultyAsync();

        var first = await platform.CallAsync(id, "echo", "one");
        var second = await platform.CallAsync(id, "echo", "two");

        Assert.Equal((200, "one", "cold"), (first.Status, first.Body, first.Start));
        Assert.Equal((200, "two", "hot"), (second.Status, second.Body, second.Start));
    }

    [Fact]
    public async Task Call_UnknownFunction_Is404()
    {
        await using var platform = await Platform.StartAsync();

        var answer = await platform.CallAsync("01M85Z1T2CZV0NM70JHG000002");

        Assert.Equal((404, "{\"message\":\"Fn not found\"}\n", null), (answer.Status, answer.Body, answer.CallId));
    }
}
