using Fn.Runner;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Slots;

public sealed class RandomScheduleTests
{
    private const int Steps = 100_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Pools_AnySchedule_LoseNoSlotNoWaiterAndNoByte(int seed)
    {
        using var schedule = new Schedule(seed);
        for (var step = 0; step < Steps; step++)
            schedule.Next();
        schedule.Finish();
    }

    /// <summary>One seeded run: calls come, leave and end, starts succeed and fail, containers die, time passes, in any order.</summary>
    private sealed class Schedule : IDisposable
    {
        private const int MaxStarts = 3;

        private readonly Random _random;
        private readonly SlotHarness _harness;
        private readonly FunctionSpec[] _functions;
        private readonly List<HarnessCall> _calls = [];
        private int _served;
        private int _failed;

        public Schedule(int seed)
        {
            _random = new Random(seed);
            _harness = new SlotHarness(budgetMiB: 640, MaxStarts, new CallOptions { MaxQueued = 60, QueueTimeout = TimeSpan.FromSeconds(60) });
            _functions =
            [
                .. Enumerable.Range(0, 5).Select(i => SlotHarness.Function($"hot{i}", 64 + 32 * (i % 3), idleTimeout: 1 + i)),
                .. Enumerable.Range(0, 3).Select(i => SlotHarness.Function($"http{i}", 64, FunctionFormat.Http, idleTimeout: 2)),
                SlotHarness.Function("cold0", 128, FunctionFormat.Default),
                SlotHarness.Function("big", 512, idleTimeout: 1),
            ];
        }

        public void Next()
        {
            switch (_random.Next(100))
            {
                case < 14:
                    _calls.Add(_harness.Call(Pick(_functions), _random.Next(4) == 0 ? null : TimeSpan.FromSeconds(_random.Next(1, 90)), _random.Next(20) == 0));
                    break;
                case < 50:
                    if (PickOrNull(_calls.FindAll(call => call.IsRunning)) is { } running)
                        running.Release(keep: _random.Next(15) != 0);
                    break;
                case < 52:
                    if (PickOrNull(_calls.FindAll(call => call.IsWaiting)) is { } waiting)
                        waiting.Leave();
                    break;
                case < 72:
                    Touch(container => container.IsStarting, container => container.FinishStart(_random.Next(30) == 0 ? new CallFailure(CallError.InitializationFailed) : null));
                    break;
                case < 88:
                    Touch(container => container.IsRemoving, container => container.FinishRemoval());
                    break;
                case < 90:
                    KeepSome();
                    break;
                case < 91:
                    Touch(container => !container.IsRemoving && !container.IsStarting, container => container.End());
                    break;
                default:
                    _harness.Advance(TimeSpan.FromMilliseconds(_random.Next(1, _random.Next(10) == 0 ? 4000 : 200)));
                    break;
            }
            Check();
        }

        public void Finish()
        {
            for (var round = 0; round < 1000 && _calls.Exists(call => call.IsWaiting || call.IsRunning); round++)
            {
                _harness.Settle();
                foreach (var call in _calls.FindAll(call => call.IsRunning))
                    call.Release();
                _harness.Advance(TimeSpan.FromSeconds(1));
                Check();
            }
            Assert.DoesNotContain(_calls, call => call.IsWaiting || call.IsRunning);
            // Idle containers run into their timeouts, the longest of which is 30 s.
            for (var round = 0; round < 40; round++)
            {
                _harness.Advance(TimeSpan.FromSeconds(1));
                _harness.Settle();
            }
            Assert.Equal(0, _harness.Ledger.Reserved);
            Assert.Equal(0, _harness.Queue.Waiting);
            Assert.Equal(0, _harness.Dispatcher.Starting);
            Assert.Equal(0, _harness.Dispatcher.Queued);
            Assert.All(_harness.Driver.Containers, container => Assert.True(container.IsGone));
            Assert.True(_served > 10_000 && _failed > 1000, $"The schedule did not exercise much: {_served} served, {_failed} failed.");
        }

        public void Dispose() => _harness.Dispose();

        private void Check()
        {
            foreach (var call in _calls)
                call.Note();
            foreach (var over in _calls.FindAll(call => !call.IsWaiting && !call.IsRunning))
            {
                if (over.Grant.Container is null)
                    _failed++;
                else
                    _served++;
                _calls.Remove(over);
            }
            _harness.Driver.Forget();
            var containers = _harness.Driver.Containers;
            Assert.All(containers, container => Assert.InRange(container.Holders, 0, 1));
            Assert.Equal(_calls.Count(call => call.IsWaiting), _harness.Queue.Waiting);
            Assert.InRange(_harness.Dispatcher.Starting, 0, MaxStarts);
            Assert.InRange(_harness.Dispatcher.StartingPeak, 0, MaxStarts);
            Assert.InRange(_harness.Ledger.Reserved, 0, _harness.Ledger.Budget);
            // Every container that is not gone holds its memory; whatever else is reserved is on its way to a start.
            var held = containers.Sum(container => container.Spec.Function.MemoryBytes);
            Assert.InRange(held, 0, _harness.Ledger.Reserved);
            Assert.All(_harness.Pools.All, pool => Assert.InRange(pool.GetStatus().Floor, 0, pool.Function.Format == FunctionFormat.Default ? 0 : 3));
            Assert.Equal(_calls.Count(call => call.IsRunning), _harness.Pools.All.Sum(pool => pool.GetStatus().Busy));
        }

        private void KeepSome()
        {
            var wish = new WarmWish(_random.Next(4), TimeSpan.FromSeconds(_random.Next(1, 20)));
            var function = Pick(_functions);
            _harness.Step(() =>
            {
                while (!_harness.Pool(function).TryKeep(wish, CancellationToken.None, out _))
                {
                }
            });
        }

        private void Touch(Func<FakeContainer, bool> which, Action<FakeContainer> what)
        {
            if (PickOrNull([.. _harness.Driver.Containers.Where(which)]) is { } container)
                _harness.Step(() => what(container));
        }

        private FunctionSpec Pick(FunctionSpec[] from) => from[_random.Next(from.Length)];

        private T? PickOrNull<T>(List<T> from)
            where T : class => from.Count == 0 ? null : from[_random.Next(from.Count)];
    }
}
