using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Awaits what nothing announces: the state of processes and directories that the platform, not the test, owns.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Completes once the condition holds; fails, saying what was waited for, when it does not come to that.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="what">The words "waited in vain until" go on with this.</param>
    /// <param name="patience">How long it may take; null: a minute.</param>
    public static Task HoldsAsync(Func<bool> condition, string what, TimeSpan? patience = null) => HoldsAsync(() => Task.FromResult(condition()), what, patience);

    /// <inheritdoc cref="HoldsAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what, TimeSpan? patience = null)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < (patience ?? Patience), $"Waited in vain until {what}.");
            await Task.Delay(Step, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
