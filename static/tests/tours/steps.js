const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Open another screen of Odoo, as by a bookmark. */
export function goTo(url, trigger = ".o_main_navbar") {
    return {
        content: `Open ${url}`,
        trigger,
        run: () => {
            window.location.assign(url);
        },
        expectUnloadPage: true,
    };
}

/** Wait until something is on the screen, and take a picture of it when pictures are made. */
export function look(content, trigger, picture) {
    return {
        content,
        trigger,
        run: async () => {
            if (picture) {
                // What is shown first may be what the browser remembers; what the server says follows.
                await pause(1000);
                console.log(`qbo picture ${picture}`);
                await pause(500);
            }
        },
    };
}

export function click(content, trigger, options = {}) {
    return { content, trigger, run: "click", ...options };
}
