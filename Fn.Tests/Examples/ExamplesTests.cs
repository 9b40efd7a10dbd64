using Fn.Api.Examples;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Examples;

public class ExamplesTests
{
    public static TheoryData<string> All => [.. ExampleProcess.Folders.All().Select(folder => Path.GetFileName(folder))];

    [Theory]
    [MemberData(nameof(All))]
    public async Task FuncFile_EachOfItsTests_IsWhatTheFunctionAnswers(string name)
    {
        var file = FuncFile.Read(Path.Combine(ExampleProcess.Folders.Root, name));

        Assert.Equal(name, file.Name);
        Assert.True(FunctionFormat.IsKnown(file.Format!));
        Assert.NotEmpty(file.Tests!);
        foreach (var test in file.Tests!)
        {
            await using var function = ExampleProcess.Start(name);
            var answer = file.Format switch
            {
                FunctionFormat.Default => (await function.EndAsync(test.In)).Output,
                FunctionFormat.Http => (await function.PostAsync(test.In)).Body,
                _ => await function.CallAsync(test.In),
            };
            Assert.Equal(test.Out, answer);
        }
    }

    [Fact]
    public async Task Hello_SeveralCalls_AnswersEachOnTheSameProcess()
    {
        await using var hello = ExampleProcess.Start("hello");

        Assert.Equal(("HTTP/1.1 200 ", "Hello Ada\n"), await hello.PostAsync("Ada"));
        Assert.Equal("Hello Grace!\n", (await hello.SendAsync("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nGrace\r\n1;x=y\r\n!\r\n0\r\nX: y\r\n\r\n")).Body);
        Assert.Equal("Hello World\n", (await hello.SendAsync("GET /?name=x HTTP/1.1\r\nHost: localhost\r\n\r\n")).Body);
        Assert.Equal((0, ""), await hello.EndAsync());
    }

    [Fact]
    public async Task Counter_SeveralCalls_CountsThem()
    {
        await using var counter = ExampleProcess.Start("counter");

        Assert.Equal("1\n", (await counter.PostAsync("")).Body);
        Assert.Equal("2\n", (await counter.PostAsync("x")).Body);
        Assert.Equal("3\n", (await counter.PostAsync("")).Body);
    }

    [Fact]
    public async Task Sleepy_MillisecondsInTheQueryOrNotGiven_SleepsOrSaysWhatToSend()
    {
        await using var sleepy = ExampleProcess.Start("sleepy");

        Assert.Equal(("HTTP/1.1 200 ", "slept 1 ms\n"), await sleepy.SendAsync("GET /nap?x=5&ms=1 HTTP/1.1\r\n\r\n"));
        Assert.Equal(("HTTP/1.1 400 ", "send milliseconds from 0 to 300000, for instance 250\n"), await sleepy.PostAsync("a while"));
    }

    [Fact]
    public async Task Shout_EmptyBody_SucceedsWithAnEmptyAnswer()
    {
        await using var shout = ExampleProcess.Start("shout");

        Assert.Equal((0, ""), await shout.EndAsync());
    }
}
