using Fn.Api.Dashboard.Calls;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Api.History;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class CallStoryTests
{
    [Fact]
    public void Of_ColdCall_TellsEachWaitAndStart()
    {
        var story = CallStory.Of(CallRecords.Make(1, cold: true) with
        {
            WaitReason = "no container runs",
            StartReason = "1 waits and 0 are ready",
            EvictionReason = "evicted app/old, idle for 12 s",
            Queue = 12,
            Start = 400,
            Run = 30,
            Total = 450,
            Phases =
            [
                new(CallPhase.Received, 0), new(CallPhase.Placed, 1000), new(CallPhase.StartGranted, 10_000), new(CallPhase.Pulled, 10_000), new(CallPhase.Ready, 410_000),
                new(CallPhase.SlotTaken, 412_000), new(CallPhase.Answered, 442_000), new(CallPhase.Ended, 450_000),
            ],
        });

        Assert.Equal(
            [
                "Waited 412 ms: no container runs.", "A container was started in 400 ms: 1 waits and 0 are ready.", "For its memory: evicted app/old, idle for 12 s.",
                "The function answered 200 in 30 ms.",
            ],
            story.Sentences);
        // What took no time is no part.
        Assert.Equal(["Placed on a runner", "Waited for a start", "Ready for calls", "Waited for a slot", "Function ran", "Answer passed on"], story.Parts.Select(part => part.Name));
        Assert.Equal((10, 400), (story.Parts[2].From, story.Parts[2].Length));
    }

    [Fact]
    public void Of_CallThatJoinedAStart_CountsOnlyItsOwnTime()
    {
        var story = CallStory.Of(CallRecords.Make(1, cold: true) with
        {
            Phases = [new(CallPhase.StartGranted, -5000), new(CallPhase.Received, 0), new(CallPhase.Ready, 3000), new(CallPhase.Ended, 4000)],
            Total = 4,
        });

        Assert.Equal([(0.0, 3.0), (3.0, 1.0)], story.Parts.Select(part => (part.From, part.Length)));
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Of_FailedCall_SaysWhyInWords(CallError error)
    {
        var story = CallStory.Of(CallRecords.Make(1, error: error));

        Assert.NotNull(story.Failure);
        Assert.NotEqual(error.ToString(), story.Failure);
        Assert.Equal($"Failed after 1.6 ms: {story.Failure}.", story.Sentences[^1]);
    }

    [Fact]
    public void Of_HotCall_SaysThatItWas() =>
        Assert.Equal(["The function answered 200 in 1.4 ms, in a container that was hot."], CallStory.Of(CallRecords.Make(1)).Sentences);

    public static TheoryData<CallError> Errors() => [.. Enum.GetValues<CallError>()];
}
