using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Runner.Containers;

public sealed class FunctionLogTailTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FunctionLogTail _tail;

    public FunctionLogTailTests() => _tail = new FunctionLogTail(_time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FollowAsync_LinesBeforeAndAfter_TellsBothInOrder()
    {
        var source = new LogSource(Samples.Function(), "c") { CallId = "call" };
        _tail.Add(source, "before");
        _time.Advance(TimeSpan.FromSeconds(2));
        await using var lines = _tail.FollowAsync(source.Function.FunctionId, Cancel).GetAsyncEnumerator(Cancel);

        Assert.True(await lines.MoveNextAsync());
        Assert.Equal(new RunnerLogLine(2000, "c", "call", "before"), lines.Current);
        var next = lines.MoveNextAsync();
        _tail.Add(source, "after");
        Assert.True(await next);
        Assert.Equal(("after", 0L), (lines.Current.Text, lines.Current.Ago));
    }

    [Theory]
    [InlineData(1000, 10, 200)]
    [InlineData(100, 4096, 16)]
    public async Task Add_MoreThanIsKept_KeepsTheLast(int count, int length, int kept)
    {
        var source = new LogSource(Samples.Function(), "c");
        for (var i = 0; i < count; i++)
            _tail.Add(source, i.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(length));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var read = new List<string>();
        await foreach (var line in _tail.FollowAsync(source.Function.FunctionId, Cancel))
        {
            read.Add(line.Text.Trim());
            if (line.Text.Trim() == $"{count - 1}")
                break;
        }
        Assert.Equal(Enumerable.Range(count - kept, kept).Select(i => $"{i}"), read);
    }
}
