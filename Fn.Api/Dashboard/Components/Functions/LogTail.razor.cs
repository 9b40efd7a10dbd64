using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.Dashboard.Live;
using Fn.Api.History;
using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Functions;

/// <summary>The end of a function's log, which goes on while it is looked at. Lines come as they are written, and are drawn a few times a second, while the page is seen and when it is its turn.</summary>
public sealed partial class LogTail : IDisposable
{
    private const int MostLines = 500;

    private readonly CancellationTokenSource _left = new();
    private readonly Lock _lock = new();

    // Guarded by _lock: what has come since the last drawing.
    private readonly Queue<LogLine> _coming = new();
    private bool _isDue;

    private readonly Queue<LogLine> _lines = new();
    private ViewerTurn? _turn;
    private ITimer? _timer;
    private string? _problem;
    private bool _follows = true;

    [Parameter, EditorRequired]
    public string FunctionId { get; set; } = "";

    [CascadingParameter]
    public BrowserClock Clock { get; set; } = BrowserClock.Utc;

    [Inject]
    private IFunctionLogs Logs { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private ViewerTurns Turns { get; set; } = null!;

    [Inject]
    private PageSight Sight { get; set; } = null!;

    public void Dispose()
    {
        Sight.Changed -= Ask;
        _timer?.Dispose();
        _turn?.Dispose();
        _left.Cancel();
        _left.Dispose();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender)
            return;
        _turn = Turns.Join(() => InvokeAsync(Draw));
        _timer = Time.CreateTimer(_ => Ask(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Sight.Changed += Ask;
        _ = FollowAsync(_left.Token);
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (var line in Logs.FollowAsync(FunctionId, cancel).ConfigureAwait(false))
                Take(new LogLine(line.At, line.ContainerId, line.CallId, line.Text));
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
#pragma warning disable CA1031 // Whoever looks is told instead.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _problem = $"The log cannot be read: {e.Message} Open the page again to try again.";
            await InvokeAsync(StateHasChanged);
        }
    }

    private void Take(LogLine line)
    {
        lock (_lock)
        {
            _coming.Enqueue(line);
            // A function that writes more than can be shown is shown the end.
            if (_coming.Count > MostLines)
                _coming.Dequeue();
            if (_isDue)
                return;
            _isDue = true;
        }
        _timer?.Change(TimeSpan.FromMilliseconds(200), Timeout.InfiniteTimeSpan);
    }

    private void Ask()
    {
        if (Sight.IsSeen)
            _turn?.Ask();
    }

    private void Draw()
    {
        lock (_lock)
        {
            _isDue = false;
            while (_coming.TryDequeue(out var line))
                _lines.Enqueue(line);
        }
        while (_lines.Count > MostLines)
            _lines.Dequeue();
        if (!_left.IsCancellationRequested)
            StateHasChanged();
    }

    // A class: two lines that read the same are two lines.
    private sealed class LogLine(DateTimeOffset at, string containerId, string? callId, string text)
    {
        public DateTimeOffset At => at;

        public string ContainerId => containerId;

        public string? CallId => callId;

        public string Text => text;
    }
}
