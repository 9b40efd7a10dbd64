using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Fn.Api.Placement;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.History;

/// <summary>Reads the logs of a function on all runners at once, those that join later too.</summary>
/// <param name="view">The runners.</param>
/// <param name="time">The clock.</param>
/// <param name="here">The logs of the runner in this process; null: there is none.</param>
internal sealed class FunctionLogs(ClusterView view, TimeProvider time, IRunnerLogs? here = null) : IFunctionLogs
{
    private const int MaxBehind = 1000;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    public async IAsyncEnumerable<FunctionLogLine> FollowAsync(string functionId, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var lines = Channel.CreateBounded<FunctionLogLine>(new BoundedChannelOptions(MaxBehind) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var following = FollowAllAsync(functionId, lines.Writer, over.Token);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(over.Token))
                yield return line;
        }
        finally
        {
            await over.CancelAsync();
            await following;
        }
    }

    private async Task FollowAllAsync(string functionId, ChannelWriter<FunctionLogLine> lines, CancellationToken cancel)
    {
        var followed = new Dictionary<RunnerView, Task>();
        try
        {
            while (true)
            {
                var joined = view.Joined;
                foreach (var gone in followed.Where(pair => pair.Value.IsCompleted).Select(pair => pair.Key).ToList())
                    followed.Remove(gone);
                foreach (var runner in view.Runners)
                {
                    if (!followed.ContainsKey(runner))
                        followed[runner] = FollowOneAsync(runner, functionId, lines, cancel);
                }
                await joined.WaitAsync(cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
        finally
        {
            await Task.WhenAll(followed.Values);
            lines.TryComplete();
        }
    }

    /// <summary>Follows one runner until it has left the cluster.</summary>
    private async Task FollowOneAsync(RunnerView runner, string functionId, ChannelWriter<FunctionLogLine> lines, CancellationToken cancel)
    {
        // Lines that were read before the connection broke are kept there, and come again.
        var seen = DateTimeOffset.MinValue;
        while (view.Runners.Contains(runner) && (runner.Runner as IRunnerLogs ?? here) is { } logs && runner.TryUse())
        {
            try
            {
                var before = seen;
                await foreach (var line in logs.FollowAsync(functionId, cancel))
                {
                    var at = time.GetUtcNow() - TimeSpan.FromMilliseconds(line.Ago);
                    if (at <= before)
                        continue;
                    seen = at > seen ? at : seen;
                    lines.TryWrite(new FunctionLogLine(at, runner.Record?.Id ?? runner.Runner.Name, line.ContainerId, line.CallId, line.Text));
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
            {
                // It stops, or is not there at the moment; a runner of an older version does not answer this.
            }
            finally
            {
                runner.EndUse();
            }
            if (!await PauseAsync(cancel))
                return;
        }
    }

    private async Task<bool> PauseAsync(CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Retry, time, cancel);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
