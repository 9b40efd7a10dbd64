using System.Text;
using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Formats;

/// <summary>What an exchange came to.</summary>
internal static class ExchangeAssert
{
    public static ExchangeAnswer Answered(ExchangeOutcome outcome) =>
        outcome is ExchangeFailedOutcome failed ? throw new Xunit.Sdk.XunitException($"Failed: {failed.Failure}") : Assert.IsType<ExchangeAnswer>(outcome);

    public static CallFailure Failed(CallError error, ExchangeOutcome outcome)
    {
        var failure = Assert.IsType<ExchangeFailedOutcome>(outcome).Failure;
        Assert.Equal(error, failure.Error);
        return failure;
    }

    /// <summary>Reads the answer to its end.</summary>
    public static async Task<string> TextAsync(ExchangeOutcome outcome) => Encoding.UTF8.GetString(await BytesAsync(outcome));

    public static async Task<byte[]> BytesAsync(ExchangeOutcome outcome)
    {
        var answer = Answered(outcome);
        await using var body = answer.Body;
        var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        if (answer.ContentLength is { } length)
            Assert.Equal(length, bytes.Length);
        return bytes.ToArray();
    }

    /// <summary>Reads the answer until it breaks off with this error; returns what came before.</summary>
    public static async Task<string> BreaksAsync(CallError error, ExchangeOutcome outcome)
    {
        await using var body = Answered(outcome).Body;
        var bytes = new MemoryStream();
        var broken = await Assert.ThrowsAsync<CallBrokenException>(() => body.CopyToAsync(bytes, TestContext.Current.CancellationToken));
        Assert.Equal(error, broken.Failure.Error);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
