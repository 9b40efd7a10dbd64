namespace Fn.Api.History;

/// <summary>Takes in the calls that ended, about once a second while there are any, tells the other gateways of them, and hears of theirs.</summary>
internal sealed class HistoryWorker(CallHistory history, ICallShare share, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Tells the runs of a gateway apart, so that numbers may begin again.
    private readonly string _gateway = Guid.NewGuid().ToString("N");

    /// <summary>Tells the others of the last calls.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TellAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(TurnAsync(stoppingToken), HearAsync(stoppingToken));

    private async Task TurnAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await history.WaitAsync(cancel);
                await TellAsync(cancel);
                await Task.Delay(Pause, time, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }

    private async Task TellAsync(CancellationToken cancel)
    {
        var (batch, hour) = history.Turn(_gateway);
        if (batch is not null)
            await share.TellAsync(batch, cancel);
        if (hour is not null)
            await share.TellAsync(hour, cancel);
    }

    private async Task HearAsync(CancellationToken cancel)
    {
        try
        {
            await share.HearAsync(_gateway, history, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }
}
